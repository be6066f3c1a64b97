"""Pictures with captions from a folder to a run: learned, described, saved, resumed, scored anew, served."""

import base64
import csv
import hashlib
import json
import random

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from yeoul import session
from yeoul.api import load
from yeoul.cli.main import run as command
from yeoul.errors import ModelFileError, RecipeError, UsageError
from yeoul.recipe import SearchRecipe
from yeoul.recipefile import resolve
from yeoul.report.answered import read_answers
from yeoul.report.page import write_report
from yeoul.runs.folder import RunFolder
from yeoul.serve.access import door_of
from yeoul.serve.limits import Limits
from yeoul.serve.opening import open_service
from yeoul.session import Request, finishing
from yeoul.tasks.captioning.captioner import Captioner, LoosePictures
from yeoul.training.events import Finished, Paused, Stepped

RECIPE = """
task = "caption"
[pictures]
size = 16
metric = "exact_match"
[text]
unit = "spaced"
min_count = 1
[model]
embedding_size = 12
[model.encoder]
channels = [8, 16]
size = 24
[model.decoder]
hidden_size = 24
attention_size = 12
[model.words]
min_count = 2
read = 2
rerank = true
[training]
epochs = 2
batch_size = 8
rate = 5e-3
patience = 20
[search]
beam = 3
"""
COLORS = {"빨간": (220, 30, 30), "파란": (30, 60, 220), "노란": (230, 200, 30)}
SIDES = {"왼쪽에": 0, "오른쪽에": 8}


def picture(color, side, seed=0):
    """A square of a color on a side, with some noise."""
    noise = np.random.default_rng(seed)
    pixels = noise.integers(200, 256, (16, 16, 3))
    top = int(noise.integers(1, 8))
    pixels[top : top + 7, SIDES[side] + 1 : SIDES[side] + 7] = COLORS[color]
    return pixels.astype(np.uint8)


def captions(color, side):
    return [f"{color} 네모가 {side} 있다", f"{side} {color} 네모"]


def drawn(folder, rows, seed=1):
    """A folder of pictures in PNG with a file of captions, two a picture."""
    draw = random.Random(seed)
    (folder / "사진").mkdir(parents=True)
    lines = ["image,caption"]
    for row in range(rows):
        color, side = draw.choice(list(COLORS)), draw.choice(list(SIDES))
        Image.fromarray(picture(color, side, 1000 * seed + row)).save(folder / "사진" / f"{row:03}.png")
        lines += [f"{row:03}.png,{text}" for text in captions(color, side)]
    (folder / "captions.csv").write_text("\n".join(lines), "utf-8")
    return folder


def request(folder, out, **overrides):
    return Request(resolve(RECIPE, "squares", {"data.source": str(folder), **overrides}), out)


def finished(events):
    return next(event for event in events if isinstance(event, Finished))


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run that has learned to say which square is where."""
    folder = tmp_path_factory.mktemp("squares")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YEOUL_CACHE", str(folder / "cache"))
        patch.setattr(finishing, "write_report", lambda folder, language: folder / "report.html")
        data = drawn(folder / "내 사진", 120)
        return finished(session.train(request(data, folder / "runs", **{"training.epochs": 14})))


def test_a_run_learns_to_describe_and_beats_what_is_simple(trained):
    scores = trained.scores
    assert scores["scores"]["exact_match"]["value"] > 0.9
    assert scores["verdict"]["metric"] == "exact_match"
    names = {one["name"] for one in scores["baselines"]}
    assert names == {"frequent_caption", "nearest_picture", "nearest_pictures"}
    assert scores["outcomes"]["ended"] == scores["rows"]
    assert scores["captions"] == 2 * scores["rows"]
    assert scores["scores"]["cider"]["value"] > 0
    assert scores["variety"]["model"]["distinct"] <= 12


def test_what_is_written_can_be_read_again(trained):
    folder = trained.path / "evaluation" / "test"
    with open(folder / "predictions.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    right = sum(row["predicted"] in row["target"].split(" | ") for row in rows)
    assert right / len(rows) == trained.scores["scores"]["exact_match"]["value"]
    looks = json.loads((folder / "looks.json").read_text("utf-8"))["rows"]
    for look in looks:
        weights = np.array(look["attention"])
        assert weights.shape == (len(look["tokens"]) + 1, 4, 4)
        assert float(weights.sum(axis=(1, 2)).max()) <= 1.01
        assert {one["word"] for one in look["words"]} >= {"왼쪽에", "빨간"}


def test_a_saved_model_says_the_same_in_any_company(trained):
    captioner = load(trained.path).captioner
    arrays = [picture(color, side, 7) for color in COLORS for side in SIDES]
    together = captioner.answer(arrays, best=3)
    wanted = [text for color in COLORS for side in SIDES for text in captions(color, side)]
    assert sum(answer.text in wanted for answer in together) >= 5
    for array, answer in zip(arrays, together, strict=True):
        (alone,) = captioner.answer([array], best=3)
        assert alone.text == answer.text
        assert alone.log_prob == pytest.approx(answer.log_prob, abs=1e-4)
        assert [one.text for one in alone.alternatives] == [one.text for one in answer.alternatives]
        assert alone.attention.shape == (len(alone.tokens) + 1, 4, 4)
        assert dict(alone.words)[answer.text.split()[0]] > 0.2
    again = Captioner.load(trained.path / "model", captioner.device)
    assert [one.text for one in again.answer(arrays)] == [one.text for one in together]
    assert again.ranking is not None


def test_ranking_moves_what_was_found_and_adds_nothing(trained):
    captioner = load(trained.path).captioner
    seen = LoosePictures(np.stack([picture("빨간", "왼쪽에", 3), picture("노란", "오른쪽에", 4)]))
    found = captioner.found(seen, SearchRecipe(beam=3), 3)
    ranked = captioner.hypotheses(seen, SearchRecipe(beam=3), 3)
    for one, other in zip(found, ranked, strict=True):
        assert {each.tokens for each in one} == {each.tokens for each in other}


def test_files_bytes_and_arrays_are_one_and_other_things_are_refused(trained, tmp_path):
    captioner = load(trained.path).captioner
    array = picture("파란", "왼쪽에", 9)
    path = tmp_path / "그림.png"
    Image.fromarray(array).save(path)
    answers = captioner.answer([array, path, path.read_bytes()])
    assert len({answer.text for answer in answers}) == 1
    with pytest.raises(UsageError, match="the model reads"):
        captioner.answer([array[:8]])
    with pytest.raises(UsageError, match="the model reads"):
        captioner.answer([array.astype(np.float32)])


def test_a_damaged_model_is_refused(trained, tmp_path):
    captioner = load(trained.path).captioner
    captioner.save(tmp_path / "model", "card")
    (tmp_path / "model" / "words.json").write_text('{"words": []}', "utf-8")
    with pytest.raises(ModelFileError):
        Captioner.load(tmp_path / "model", captioner.device)


@pytest.mark.report
def test_a_page_shows_pictures_and_where_the_model_looked(trained):
    page = write_report(trained.path, "ko").read_text("utf-8")
    looks = json.loads((trained.path / "evaluation" / "test" / "looks.json").read_text("utf-8"))["rows"]
    for place, look in enumerate(looks, 1):
        assert look["picture"] in page
        assert page.count(f'href="#picture-{place}"') == len(look["tokens"]) + 1
    assert "모델이 본 곳" in page
    assert len(page.encode()) < 2_000_000
    assert (trained.path / "plots" / "looks-1.png").read_bytes().startswith(b"\x89PNG")


def test_other_pictures_are_scored_and_the_own_ones_known(trained, tmp_path):
    run = load(trained.path)
    other = run.evaluate(drawn(tmp_path / "다른 사진", 12, seed=5))
    assert other["rows"] == 12
    assert not other["holds_training_rows"]
    assert other["verdict"]["against"] == "frequent_caption"
    assert run.evaluate(run.recipe.data.source)["holds_training_rows"]


def test_two_runs_are_compared_picture_by_picture(trained):
    """A run has no lead over itself; the references of a picture are told apart again."""
    own = read_answers(RunFolder(trained.path), "captions")
    verdict, _ = own.tested(own, "itself")
    assert verdict.metric == "exact_match"
    assert verdict.difference.value == 0.0
    assert own.has_rows_of(read_answers(RunFolder(trained.path), "captions"))


def test_commands_describe_pictures(trained, tmp_path, capsys):
    path = tmp_path / "그림 하나.png"
    Image.fromarray(picture("빨간", "오른쪽에", 11)).save(path)
    assert command(["predict", str(trained.path), str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["answer"] in captions("빨간", "오른쪽에")
    assert command(["predict", str(trained.path), str(path), "--best", "3"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    (tmp_path / "글.png").write_text("그림이 아님", "utf-8")
    assert command(["predict", str(trained.path), str(tmp_path / "글.png")]) == 3
    assert "글.png" in capsys.readouterr().err
    assert command(["predict", str(trained.path), "--file", str(path)]) == 2


def test_a_server_describes_pictures_in_base64(trained, tmp_path):
    array = picture("노란", "왼쪽에", 13)
    Image.fromarray(array).save(tmp_path / "그림.png")
    told = base64.b64encode((tmp_path / "그림.png").read_bytes()).decode()
    service = open_service([f"squares={trained.path}"], "cpu", door_of("127.0.0.1", (), None), Limits())
    try:
        client = TestClient(service.guard, base_url="http://127.0.0.1")

        def asked(**body):
            return client.post("/v1/squares/predict", json=body)

        (answer,) = asked(pictures=[told]).json()["answers"]
        (wanted,) = load(trained.path).caption([array])
        assert answer["answer"] == wanted.text
        assert "attention" not in answer
        (looked,) = asked(pictures=[told], attention=True).json()["answers"]
        assert len(looked["attention"]) == len(looked["tokens"]) + 1
        assert client.get("/v1/squares").json()["reads"] == "pictures"
        not_a_picture = base64.b64encode(b"hello").decode()
        for wrong in ({"texts": ["글"]}, {"pictures": ["%%"]}, {"pictures": [not_a_picture]}):
            assert asked(**wrong).status_code == 422
    finally:
        service.close()


def weights_of(run):
    return hashlib.sha256((run / "model" / "weights.safetensors").read_bytes()).hexdigest()


def test_a_run_that_is_stopped_ends_as_one_that_is_not(tmp_path):
    data = drawn(tmp_path / "data", 40)
    moved = {"pictures.flip": True, "pictures.shift": 1, "model.words.first": 0.3, "model.dropout": 0.2}
    whole = finished(session.train(request(data, tmp_path / "a", **moved)))
    steps = 0

    def third():
        return steps >= 3

    for event in session.train(request(data, tmp_path / "b", **moved), third):
        steps += isinstance(event, Stepped)
        if isinstance(event, Paused):
            stopped = event.path
    ended = finished(session.resume(RunFolder(stopped)))
    assert weights_of(ended.path) == weights_of(whole.path)
    assert ended.scores == whole.scores


def test_recipes_that_do_not_fit_are_refused(tmp_path):
    for overrides in ({"model.encoder.kind": "features"}, {"search.beam": 1}):
        with pytest.raises(RecipeError):
            list(session.train(request(tmp_path, tmp_path / "runs", **overrides)))


def test_features_stand_in_for_pictures(tmp_path):
    """What another network told of pictures is read from a file, by the names of the pictures."""
    data = drawn(tmp_path / "data", 40)
    vectors = np.random.default_rng(0).normal(size=(40, 4, 6)).astype(np.float32)
    np.save(tmp_path / "told.npy", vectors)
    text = RECIPE.replace("channels = [8, 16]\n", 'kind = "features"\n')
    given = {"data.source": str(data), "pictures.features": str(tmp_path / "told.npy"), "training.epochs": 1}
    done = finished(session.train(Request(resolve(text, "told", given), tmp_path / "runs")))
    captioner = load(done.path).captioner
    (answer,) = captioner.answer([vectors[0]])
    assert answer.attention.shape[1:] == (2, 2)
    with pytest.raises(UsageError, match="features of pictures"):
        captioner.answer([tmp_path / "data" / "사진" / "000.png"])
