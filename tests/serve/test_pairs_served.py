"""A model of likeness answers for pairs, and for nothing else."""

import pytest
from served_runs import client_of

from yeoul.api import load
from yeoul.recipefile import resolve
from yeoul.serve.access import door_of
from yeoul.serve.limits import Limits
from yeoul.serve.opening import open_service
from yeoul.session import Request, finishing, train

RECIPE = """
task = "compare"
[text]
unit = "character"
min_count = 1
[model.embedding]
size = 6
[model.encoder]
kind = "bag"
[training]
epochs = 1
"""
PAIRS = [["가1 어때", "가1 어떤가요"], ["나2 어때", "다3 어떤가요"]]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    place = tmp_path_factory.mktemp("짝")
    rows = [f"{word}{number} 어때,{word}{number} 어떤가요,1" for word in "가나다라" for number in range(20)]
    rows += [f"{word}{number} 뭐,{number}{word} 싫어,0" for word in "가나다라" for number in range(20)]
    path = place / "짝.csv"
    path.write_text("\n".join(["a,b,same", *rows]), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YEOUL_CACHE", str(place / "cache"))
        patch.setattr(finishing, "write_report", lambda folder, language: folder / "report.html")
        *_, last = train(Request(resolve(RECIPE, "짝", {"data.source": str(path)}), place / "runs"))
    return last.path


def test_pairs_are_answered_as_by_the_run_itself(run):
    service = open_service([f"짝={run}"], "cpu", door_of("127.0.0.1", (), None), Limits())
    try:
        client = client_of(service)
        told = client.post("/v1/짝/predict", json={"pairs": PAIRS}).json()
        answers = load(run).compare(*zip(*PAIRS, strict=True))
        for ours, theirs in zip(told["answers"], answers, strict=True):
            assert ours["score"] == pytest.approx(theirs.score, abs=1e-5)
            assert ours["matches"] == theirs.matches
        wrong = client.post("/v1/짝/predict", json={"texts": ["하나"]})
        assert wrong.status_code == 422
        assert "compares two texts" in wrong.json()["error"]["message"]
        assert client.post("/v1/짝/predict", json={"pairs": [["하나"]]}).status_code == 422
    finally:
        service.close()
