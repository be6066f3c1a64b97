"""Small runs of four tasks, trained once, and a studio over them."""

import pytest
from studio_runs import RECIPES, TOKEN, client_of, write_data

from yeoul.recipefile import resolve
from yeoul.session import Request, finishing, train
from yeoul.studio.application import Studio


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    """A folder with `data/` and `runs/`, as a person has it."""
    found = tmp_path_factory.mktemp("우리 스튜디오")
    (found / "data").mkdir()
    sources = write_data(found / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YEOUL_CACHE", str(found / "cache"))
        patch.setattr(finishing, "write_report", lambda folder, language: folder / "report.html")
        for name, recipe in RECIPES.items():
            *_, last = train(
                Request(resolve(recipe, name, {"data.source": str(sources[name])}), found / "runs")
            )
            (last.path / "report.html").write_text(
                "<!doctype html><title>보고서</title><script>1</script>", "utf-8"
            )
    return found


@pytest.fixture(scope="session")
def studio(place):
    made = Studio(place / "runs", place / "data", "cpu", TOKEN)
    made.house.entrance.port = 8123
    made.guard.on_fault = print
    yield made
    made.close()


@pytest.fixture(scope="session")
def client(studio):
    return client_of(studio)
