"""A vision model from a folder looks at pictures: its places, a training over them, new pictures, what is refused."""

import json
import shutil

import numpy as np
import pytest
import torch
from PIL import Image

from yeoul import session
from yeoul.api import load
from yeoul.data.pictures.vision import VisionModel
from yeoul.errors import DataError, ModelFileError, RecipeError
from yeoul.recipefile import resolve
from yeoul.session import Request, finishing
from yeoul.training.events import Finished

transformers = pytest.importorskip("transformers")

RECIPE = """
task = "caption"
[pictures]
size = 16
metric = "exact_match"
[text]
unit = "spaced"
min_count = 1
[model]
embedding_size = 8
[model.encoder]
kind = "features"
size = 16
[model.decoder]
hidden_size = 16
attention_size = 8
[training]
epochs = 40
batch_size = 8
rate = 1e-2
patience = 40
[search]
beam = 2
"""
COLORS = {"빨간": (220, 30, 30), "파란": (30, 60, 220), "노란": (230, 200, 30)}


def transformer(folder):
    torch.manual_seed(1)
    config = transformers.ViTConfig(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        image_size=16,
        patch_size=4,
    )
    transformers.ViTModel(config, add_pooling_layer=False).save_pretrained(folder)
    return folder


def convolutions(folder):
    torch.manual_seed(1)
    config = transformers.ResNetConfig(
        embedding_size=8, hidden_sizes=[8, 12], depths=[1, 1], layer_type="basic"
    )
    transformers.ResNetModel(config).save_pretrained(folder)
    return folder


def both_sides(folder):
    """A model of texts and pictures, as CLIP is."""
    torch.manual_seed(1)
    vision = {
        "image_size": 16,
        "patch_size": 4,
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
    }
    text = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "vocab_size": 10}
    config = transformers.CLIPConfig(text_config=text, vision_config=vision)
    transformers.CLIPModel(config).save_pretrained(folder)
    return folder


def pixels(rows, size=16):
    return np.random.default_rng(0).integers(0, 256, (rows, size, size, 3)).astype(np.uint8)


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return transformer(tmp_path_factory.mktemp("models") / "작은 시각 모델")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder, lines = tmp_path_factory.mktemp("사진첩"), ["image,caption"]
    for row in range(90):
        color = list(COLORS)[row % 3]
        square = np.random.default_rng(row).integers(180, 256, (16, 16, 3))
        square[4:12, 4:12] = COLORS[color]
        Image.fromarray(square.astype(np.uint8)).save(folder / f"{row:03}.png")
        lines.append(f"{row:03}.png,{color} 네모")
    (folder / "captions.csv").write_text("\n".join(lines), "utf-8")
    return folder


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(finishing, "write_report", lambda folder, language: folder / "report.html")


def trained(data, model, out, **overrides):
    values = {"data.source": str(data), "pictures.vision": str(model), **overrides}
    asked = Request(resolve(RECIPE, "squares", values), out)
    return next(event for event in session.train(asked) if isinstance(event, Finished))


@pytest.mark.parametrize(("make", "places"), [(transformer, 16), (convolutions, 4), (both_sides, 16)])
def test_the_places_of_a_grid_are_told_whoever_is_beside(make, places, tmp_path):
    vision = VisionModel.open(str(make(tmp_path / "model")), 16)
    pictures = pixels(20)
    told = vision.look(pictures)
    assert told.shape[:2] == (20, places)
    np.testing.assert_allclose(told[7], vision.look(pictures[7:8])[0], atol=1e-5)


def test_colors_are_read_as_the_folder_says(model, tmp_path):
    folder = shutil.copytree(model, tmp_path / "model")
    (folder / "preprocessor_config.json").write_text(
        json.dumps({"image_mean": [0, 0, 0], "image_std": [1, 1, 1]})
    )
    network = transformers.ViTModel.from_pretrained(folder, add_pooling_layer=False).eval()
    given = pixels(2)
    with torch.inference_mode():
        values = torch.from_numpy(given).permute(0, 3, 1, 2) / 255
        wanted = network(pixel_values=values).last_hidden_state[:, 1:]
    np.testing.assert_allclose(VisionModel.open(str(folder), 16).look(given), wanted.numpy(), atol=1e-5)
    assert not np.allclose(VisionModel.open(str(model), 16).look(given), wanted.numpy(), atol=1e-2)


def test_pictures_are_looked_at_once(model, monkeypatch):
    vision = VisionModel.open(str(model), 16)
    told = np.array(vision.look_once(pixels(20), "these"))
    np.testing.assert_allclose(told, vision.look(pixels(20)), atol=5e-3)
    monkeypatch.setattr(VisionModel, "_told", lambda *_: pytest.fail("looked again"))
    np.testing.assert_array_equal(VisionModel.open(str(model), 16).look_once(pixels(20), "these"), told)


def test_a_run_learns_from_what_is_told_and_describes_new_pictures(data, model, tmp_path):
    done = trained(data, model, tmp_path / "runs")
    assert done.scores["scores"]["exact_match"]["value"] > 0.9
    run = load(done.path)
    (answer,) = run.captioner.answer([data / "001.png"])
    assert answer.text == "파란 네모"
    assert answer.attention is not None
    assert answer.attention.shape[1:] == (4, 4)


def test_another_vision_model_is_not_taken_for_the_first(data, model, tmp_path):
    own = shutil.copytree(model, tmp_path / "model")
    done = trained(data, own, tmp_path / "runs", **{"training.epochs": 1})
    (own / "preprocessor_config.json").write_text("{}")
    with pytest.raises(ModelFileError, match="another vision model"):
        load(done.path).captioner.answer([data / "001.png"])


def test_what_is_no_vision_model_is_refused(data, model, tmp_path):
    with pytest.raises(DataError, match="holds no vision model"):
        VisionModel.open(str(tmp_path), 16)
    with pytest.raises(DataError, match="16 pixels, not of 32"):
        VisionModel.open(str(model), 32)
    pickled = tmp_path / "pickled"
    pickled.mkdir()
    shutil.copy(model / "config.json", pickled)
    (pickled / "pytorch_model.bin").write_bytes(b"\x80\x02}q\x00.")
    with pytest.raises(DataError, match="holds no vision model"):
        VisionModel.open(str(pickled), 16)
    damaged = shutil.copytree(model, tmp_path / "damaged")
    (damaged / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(DataError, match="cannot be opened"):
        VisionModel.open(str(damaged), 16).look(pixels(1))
    foreign = shutil.copytree(model, tmp_path / "foreign")
    told = json.loads((foreign / "config.json").read_text())
    code = {"auto_map": {"AutoConfig": "own.Config", "AutoModel": "own.Model"}, "model_type": "own"}
    (foreign / "config.json").write_text(json.dumps(told | code))
    (foreign / "own.py").write_text("raise SystemExit('code of a folder ran')")
    with pytest.raises(DataError, match="cannot be opened"):
        VisionModel.open(str(foreign), 16).look(pixels(1))
    with pytest.raises(RecipeError, match="features or vision"):
        trained(data, model, tmp_path / "runs", **{"pictures.features": "told.npy"})
    with pytest.raises(RecipeError, match=r"pictures\.vision"):
        trained(data, model, tmp_path / "runs", **{"model.encoder.kind": "resnet"})
