"""A caption explained: by the model's own probabilities, over places that cover the picture once."""

import json

import numpy as np
import pytest
from PIL import Image

from yeoul import session
from yeoul.api import load
from yeoul.cli.main import run as command
from yeoul.errors import DataError, UsageError
from yeoul.explain.pictures import AskedPicture
from yeoul.recipefile import resolve
from yeoul.session import Request, finishing

RECIPE = """
task = "caption"
[data]
source = "{source}"
test = 0.25
validation = 0.25
[pictures]
size = 16
metric = "exact_match"
[text]
unit = "spaced"
min_count = 1
[model]
embedding_size = 8
[model.encoder]
channels = [4, 8]
size = 12
[model.decoder]
hidden_size = 12
attention_size = 8
[training]
epochs = 6
batch_size = 8
rate = 2e-2
"""
COLORS = {"빨간": (220, 30, 30), "파란": (30, 60, 220), "노란": (230, 200, 30)}


def picture(color, seed):
    noise = np.random.default_rng(seed)
    pixels = noise.integers(200, 256, (16, 16, 3))
    top, left = noise.integers(1, 9, 2)
    pixels[top : top + 6, left : left + 6] = COLORS[color]
    return pixels.astype(np.uint8)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    place = tmp_path_factory.mktemp("그림 설명")
    folder = place / "그림"
    folder.mkdir()
    lines = ["image,caption"]
    for row in range(48):
        color = list(COLORS)[row % 3]
        Image.fromarray(picture(color, row)).save(folder / f"{row}.png")
        lines += [f"{row}.png,{color} 네모", f"{row}.png,네모가 {color} 색"]
    (folder / "captions.csv").write_text("\n".join(lines) + "\n", "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finishing, "write_report", lambda folder, language: folder / "report.html")
        *_, done = session.train(Request(resolve(RECIPE.format(source=folder), "그림", {}), place / "runs"))
    return load(done.path), folder / "1.png"


def test_the_caption_that_is_explained_is_the_models(trained):
    run, path = trained
    asked = AskedPicture.of(run.captioner, path, None)
    every = np.ones((1, len(asked.parts)), bool)
    (answer,) = run.caption([path])
    assert asked.name == answer.text
    assert answer.tokens
    assert asked.margins(every)[0] == pytest.approx(np.mean(answer.log_probs), abs=1e-4)
    for word, log_prob in enumerate(answer.log_probs[: len(answer.tokens)], 1):
        one = AskedPicture.of(run.captioner, path, word)
        assert one.values(every)[0] == pytest.approx(np.exp(log_prob), abs=1e-4)


def test_places_cover_the_picture_once(trained):
    run, path = trained
    asked = AskedPicture.of(run.captioner, path, None)
    count = len(asked.parts)
    assert count == np.prod(asked.grid)
    kept = np.ones((count + 2, count), bool)
    kept[np.arange(count), np.arange(count)] = False
    kept[-1] = False
    pictures = asked._without(kept)
    assert (pictures[-2] == asked.pixels).all()
    assert len(np.unique(pictures[-1].reshape(-1, 3), axis=0)) == 1
    mean = pictures[-1, 0, 0]
    gone = [(one != asked.pixels).any(axis=2) for one in pictures[:count]]
    changes = (asked.pixels != mean).any(axis=2)
    assert (np.sum(gone, axis=0) == changes).all()


def test_a_picture_is_told_on_a_terminal_as_json_and_as_a_page(trained, capsys, tmp_path):
    run, path = trained
    page = tmp_path / "왜.html"
    assert command(["explain", str(run.path), str(path), "--html", str(page)]) == 0
    assert "row/column" in capsys.readouterr().out
    source = page.read_text("utf-8")
    assert source.count("data:image/png;base64,") == len(run.explain(path).attributions)
    assert command(["explain", str(run.path), str(path), "--word", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["task"], told["unit"], told["target"]) == ("caption", "place", told["answer"]["tokens"][0])


def test_what_cannot_be_is_refused(trained):
    run, path = trained
    with pytest.raises(DataError, match="no word 99"):
        run.explain(path, place=99)
    with pytest.raises(UsageError, match="no labels to choose from"):
        run.explain(path, target="네모")
    with pytest.raises(UsageError, match="looks at pictures"):
        run.explain("네모")
    with pytest.raises(UsageError, match="not measured"):
        list(run.explainer().of_test_rows(3))
