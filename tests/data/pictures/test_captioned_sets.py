"""Pictures with captions as a whole: where they lie, how they are split, what is left out and what is told of it."""

import shutil
import unicodedata

import numpy as np
import pytest
from safetensors.numpy import save_file

from yeoul.data.pictures.checkup import check_captions, is_album, known_captions, looks_captioned
from yeoul.data.pictures.dataset import load_captioned, read_new_captioned
from yeoul.data.pictures.likeness import seen_before, sketches
from yeoul.errors import DataError, RecipeError
from yeoul.recipe import DataRecipe, PicturesRecipe

SMALL = PicturesRecipe(size=8)


def load(place, **options):
    return load_captioned(DataRecipe(source=str(place), **options), SMALL, seed=1)


def names_of(dataset):
    return {split: set(part.names) for split, part in dataset.splits.items()}


def test_a_folder_becomes_three_splits_with_all_that_belongs_to_each_picture(album):
    place = album(40)
    found = load(place)
    assert {name: len(part) for name, part in found.splits.items()} == {
        "train": 32,
        "validation": 4,
        "test": 4,
    }
    assert set().union(*names_of(found).values()) == {f"{number:03}.png" for number in range(40)}
    for part in found.splits.values():
        rows = np.arange(len(part))[::-1]
        turned = part.select(rows)
        for row in rows.tolist():
            number = int(part.name(row)[:3])
            assert part.references()[row] == [f"개 {number}", f"a dog {number}"]
            assert part.where(row) == f"images/{number:03}.png"
            assert turned.references()[len(part) - 1 - row] == part.references()[row]
        assert (turned.pixels(rows) == part.pixels(np.arange(len(part)))).all()
        assert part.pixels(rows).shape == (len(part), 8, 8, 3)
    card = found.card.to_json()
    assert card["rows"] == 40
    assert card["captions"] == {"train": 64, "validation": 8, "test": 8}
    assert (card["sides"]["width"]["p50"], card["sides"]["height"]["max"]) == (7, 6)
    assert card["captions_each"]["min"] == card["captions_each"]["max"] == 2
    assert [file["name"] for file in card["files"]] == ["captions.csv", "images"]
    assert found.fingerprint == load(place / "captions.csv").fingerprint != load(place, test=0.2).fingerprint


def test_new_pictures_are_read_in_the_order_of_their_captions(album):
    found = read_new_captioned(DataRecipe(source=str(album(5))), SMALL)
    assert found.names == tuple(f"{number:03}.png" for number in range(5))
    assert found.png(0).startswith(b"\x89PNG")


def test_names_are_found_however_the_disk_spells_them(album):
    place = album(20)
    name = unicodedata.normalize("NFD", "강아지.png")
    (place / "images" / "003.png").rename(place / "images" / name)
    text = (place / "captions.csv").read_text("utf-8").replace("003.png", "강아지.png")
    (place / "captions.csv").write_text(text, "utf-8")
    found = read_new_captioned(DataRecipe(source=str(place)), SMALL)
    assert "강아지.png" in found.names
    assert len(found) == 20


def test_one_bad_picture_of_a_hundred_is_left_out_and_more_are_too_many(album):
    place = album(100)
    (place / "images" / "007.png").write_bytes(b"words")
    found = load(place)
    assert sum(len(part) for part in found.splits.values()) == 99
    assert "007.png" not in set().union(*names_of(found).values())
    assert found.card.unusable == {"kind": 1}
    assert found.card.unusable_names == ("007.png",)
    (place / "images" / "050.png").unlink()
    with pytest.raises(DataError, match=r"2 of 100 pictures cannot be used.*007\.png: this is no JPEG"):
        load(place)


def test_no_name_leads_out_of_the_folder(album, tmp_path):
    place = album(100)
    shutil.copy(place / "images" / "000.png", tmp_path / "secret.png")
    for name in ("../../secret.png", str(tmp_path / "secret.png"), "."):
        text = (place / "captions.csv").read_text("utf-8").replace("009.png", name)
        (place / "captions.csv").write_text(text, "utf-8")
        assert load(place).card.unusable in ({"missing": 1}, {"damaged": 1})
        (place / "captions.csv").write_text(text.replace(f"\n{name},", "\n009.png,"), "utf-8")


def test_equal_pictures_stay_on_one_side(album):
    place = album(60)
    for number in range(30):
        shutil.copy(place / "images" / f"{number:03}.png", place / "images" / f"{number + 30:03}.png")
    found = load(place, test=0.3)
    assert found.card.duplicates == 30
    assert found.card.leaks == {"validation": {"equal": 0, "alike": 0}, "test": {"equal": 0, "alike": 0}}
    for part in names_of(found).values():
        assert {int(name[:3]) % 30 for name in part} & {
            int(name[:3]) % 30 for other in names_of(found).values() if other != part for name in other
        } == set()


def test_official_lists_are_kept_and_what_they_let_through_is_told(album):
    place = album(30, "Flickr8k.token.csv")
    lists = {"train": range(18), "dev": range(18, 22), "test": range(22, 28)}
    for part, numbers in lists.items():
        names = "".join(f"{number:03}.png\n" for number in numbers)
        (place / f"Flickr_8k.{part}Images.txt").write_text(names, "utf-8")
    shutil.copy(place / "images" / "000.png", place / "images" / "025.png")
    found = load(place)
    assert [len(part) for part in found.splits.values()] == [18, 4, 6]
    assert found.card.unlisted == 2
    assert found.card.leaks["test"]["equal"] == 1
    assert found.card.split.official_validation
    assert not load(place, test=0.2).card.split.official_test


def test_coco_is_a_folder_of_notes_beside_folders_of_pictures(album, tmp_path):
    pictures = album(12) / "images"
    home = tmp_path / "coco"
    (home / "annotations").mkdir(parents=True)
    for part, numbers in (("train2017", range(9)), ("val2017", range(9, 12))):
        (home / part).mkdir()
        images = [{"id": number, "file_name": f"{number:03}.png"} for number in numbers]
        notes = [{"image_id": number, "caption": f"a {number}"} for number in numbers]
        for number in numbers:
            shutil.copy(pictures / f"{number:03}.png", home / part)
        content = str({"images": images, "annotations": notes}).replace("'", '"')
        (home / "annotations" / f"captions_{part}.json").write_text(content, "utf-8")
    found = load(home)
    assert names_of(found)["test"] == {f"val2017/{number:03}.png" for number in range(9, 12)}
    assert len(found.train) + len(found.validation) == 9


@pytest.mark.parametrize("kind", ["npy", "flat", "one", "named"])
def test_features_go_with_their_pictures(kind, album, tmp_path):
    place, numbers = album(20), np.arange(20, dtype=np.float32)
    whole = np.stack([numbers, -numbers] * 3, axis=1).reshape(20, 3, 2)
    path = tmp_path / ("features.npy" if kind in ("npy", "flat") else "features.safetensors")
    if kind == "npy":
        np.save(path, whole)
    elif kind == "flat":
        np.save(path, whole.reshape(20, 6))
    elif kind == "one":
        save_file({"features": whole}, path)
    else:
        save_file({f"{number:03}.png": whole[number] for number in range(20)}, path)
    found = load_captioned(DataRecipe(source=str(place)), PicturesRecipe(size=8, features=str(path)), 1)
    assert found.test.features_shape == ((1, 6) if kind == "flat" else (3, 2))
    vectors = found.test.features(np.arange(len(found.test)))
    for row in range(len(found.test)):
        assert (vectors[row].reshape(-1) == whole[int(found.test.name(row)[:3])].reshape(-1)).all()


@pytest.mark.parametrize("content", [b"", b"rubbish", b"\x93NUMPY\x01\x00\x02\x00(", np.arange(40).tobytes()])
def test_features_that_are_none_are_refused(content, album, tmp_path):
    place = album(20)
    for name in ("x.npy", "x.safetensors"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=f"{name}: this is no array of numbers"):
            load_captioned(
                DataRecipe(source=str(place)), PicturesRecipe(size=8, features=str(tmp_path / name)), 1
            )
    np.save(tmp_path / "few.npy", np.zeros((19, 2), np.float32))
    with pytest.raises(DataError, match=r"the shape \(19, 1, 2\) of float32, expected \(20, places"):
        load_captioned(
            DataRecipe(source=str(place)), PicturesRecipe(size=8, features=str(tmp_path / "few.npy")), 1
        )


def test_pictures_look_alike_when_they_are_to_the_eye():
    random = np.random.default_rng(0)
    rough = random.integers(0, 256, (30, 5, 5, 3))
    frames = np.kron(rough, np.ones((1, 8, 8, 1))).astype(np.uint8)
    gray = sketches(frames)
    noisy = np.clip(frames + random.normal(0, 6, frames.shape), 0, 255).astype(np.uint8)
    assert seen_before(sketches(noisy), gray).all()
    assert not seen_before(gray[:15], gray[15:]).any()
    assert gray[0].mean() == pytest.approx(frames[0].mean(), abs=1e-3)


def test_what_holds_no_captions_is_said(album, tmp_path):
    place = album(2)
    with pytest.raises(RecipeError, match="no data is named"):
        load_captioned(DataRecipe(), SMALL, 1)
    with pytest.raises(DataError, match="it is for the task classify"):
        load("word-order")
    with pytest.raises(DataError, match="2 pictures are too few: none is left for"):
        load(place)
    with pytest.raises(DataError, match="the folder has no file that tells the captions"):
        load(place / "images")
    (tmp_path / "alone.csv").write_text("image,caption\nnone.png,x\n", "utf-8")
    (place / "images").rename(tmp_path / "images")
    with pytest.raises(DataError, match=r"none of the pictures .* is there, such as none\.png"):
        load(tmp_path / "alone.csv")


def test_captions_are_known_by_their_pictures(album, tmp_path):
    place = album(12)
    (tmp_path / "reviews.csv").write_text("text,label\na,b\n", "utf-8")
    looks = {path: looks_captioned(DataRecipe(source=str(path))) for path in (place, place / "captions.csv")}
    assert looks == dict.fromkeys(looks, True)
    assert not looks_captioned(DataRecipe(source=str(tmp_path / "reviews.csv")))
    assert not looks_captioned(DataRecipe(source=str(tmp_path / "none")))
    assert is_album(str(place))
    assert not is_album(str(place / "images"))
    assert not is_album(str(place / "captions.csv"))
    assert known_captions(DataRecipe(source="scenes"))
    assert not known_captions(DataRecipe(source="nsmc"))
    assert check_captions(DataRecipe(source=str(place))).rows == 12


@pytest.mark.data
@pytest.mark.slow
def test_flickr8k_has_its_official_splits(data_folder, monkeypatch):
    monkeypatch.setenv("YEOUL_DATA", str(data_folder))
    found = load_captioned(DataRecipe(source="flickr8k"), PicturesRecipe(size=8), 42)
    assert [len(part) for part in found.splits.values()] == [6000, 1000, 1000]
    assert found.card.captions == {"train": 30_000, "validation": 5000, "test": 5000}
    assert found.card.unusable == {}
