"""The cache gives back what was stored or nothing at all, and never an error."""

import os
from pathlib import Path

import numpy as np
import pytest

from yeoul.baselines import cache
from yeoul.baselines.cache import CachedFit
from yeoul.baselines.text import LinearText
from yeoul.caches import cache_folder
from yeoul.recipe import LinearRecipe


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path / "캐시 폴더"))
    return tmp_path / "캐시 폴더" / "baselines"


TEXTS = ["good film", "bad film", "good", "bad"] * 3
MODEL = LinearText.fit(LinearRecipe(), TEXTS, [1, 0, 1, 0] * 3, "class", 2)


def answers(seed: int = 0) -> CachedFit:
    generator = np.random.default_rng(seed)
    splits = {name: generator.normal(size=(5, 3)).astype(np.float32) for name in ("validation", "test")}
    return CachedFit(*MODEL.to_arrays(), splits, seconds=12.25, peak_mb=1234.5)


def test_what_is_stored_is_loaded(folder: Path) -> None:
    cache.store("k", answers())
    loaded = cache.load("k")
    assert loaded is not None
    assert (loaded.seconds, loaded.peak_mb) == (12.25, 1234.5)
    model = LinearText.from_arrays(loaded.arrays, loaded.settings)
    assert (model.answers(["good film", "x"]) == MODEL.answers(["good film", "x"])).all()
    assert set(loaded.answers) == {"validation", "test"}
    for name, values in answers().answers.items():
        assert loaded.answers[name].dtype == values.dtype
        assert (loaded.answers[name] == values).all()
    assert [path.name for path in folder.iterdir()] == ["k.safetensors"]


def test_a_transposed_array_keeps_its_values() -> None:
    turned = np.arange(6, dtype=np.float32).reshape(2, 3).T
    cache.store("k", CachedFit(*MODEL.to_arrays(), {"test": turned}, 1.0, 1.0))
    loaded = cache.load("k")
    assert loaded is not None
    assert (loaded.answers["test"] == turned).all()


def test_storing_again_replaces() -> None:
    cache.store("k", answers(0))
    cache.store("k", answers(1))
    loaded = cache.load("k")
    assert loaded is not None
    assert (loaded.answers["test"] == answers(1).answers["test"]).all()


def test_nothing_stored_is_a_miss() -> None:
    assert cache.load("k") is None


def test_any_damage_is_a_miss(folder: Path) -> None:
    cache.store("k", answers())
    path = folder / "k.safetensors"
    content = path.read_bytes()
    damages = [content[:length] for length in range(0, len(content), 7)]
    for place in range(0, len(content), 3):
        damages.append(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    for damage in damages:
        path.write_bytes(damage)
        assert cache.load("k") is None or damage.strip() == content.strip()
    path.write_bytes(content)
    assert cache.load("k") is not None


def test_a_folder_in_the_place_of_a_file_is_a_miss(folder: Path) -> None:
    (folder / "k.safetensors").mkdir(parents=True)
    assert cache.load("k") is None
    cache.store("k", answers())


def test_an_unwritable_cache_is_no_error(folder: Path) -> None:
    """A file stands where the folder should be: no user, not even root, can write below it."""
    folder.parent.write_text("in the way")
    cache.store("k", answers())
    assert cache.load("k") is None


def test_a_crash_while_storing_leaves_the_old_answers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.store("k", answers(0))

    def fail(source: object, target: object) -> None:
        raise OSError("no")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", fail)
        cache.store("k", answers(1))
    loaded = cache.load("k")
    assert loaded is not None
    assert (loaded.answers["test"] == answers(0).answers["test"]).all()
    assert [path.name for path in folder.iterdir()] == ["k.safetensors"]


def test_only_the_newest_are_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "KEPT", 3)
    for number in range(5):
        cache.store(f"k{number}", answers())
        os.utime(folder / f"k{number}.safetensors", ns=(number, number))
    cache.store("last", answers())
    assert sorted(path.stem for path in folder.iterdir()) == ["k3", "k4", "last"]


def test_the_key_tells_everything_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = LinearRecipe()
    usual = cache.key("data", recipe)
    assert usual == cache.key("data", LinearRecipe())
    others = [cache.key("other", recipe), cache.key("data", recipe.model_copy(update={"strength": 2.0}))]
    with monkeypatch.context() as patched:
        patched.setattr(cache, "CODE_VERSION", 999)
        others.append(cache.key("data", recipe))
    with monkeypatch.context() as patched:
        patched.setattr(cache, "version", lambda name: "0.0")
        others.append(cache.key("data", recipe))
    assert len({usual, *others}) == 5


def test_the_folder_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"
    monkeypatch.delenv("YEOUL_CACHE")
    assert cache_folder() == tmp_path / "xdg" / "yeoul"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "yeoul"
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert cache_folder() == tmp_path / "local" / "yeoul"
