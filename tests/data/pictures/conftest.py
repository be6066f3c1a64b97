"""Folders of small pictures with captions, and a cache of their own."""

import csv
from pathlib import Path

import numpy as np
import pytest

from yeoul.data.pictures.reading import png


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("YEOUL_CACHE", str(tmp_path_factory.mktemp("캐시")))
    monkeypatch.delenv("YEOUL_DATA", raising=False)


@pytest.fixture
def album(tmp_path):
    """Write so many different pictures with two captions each, and return their folder."""

    def write(count: int, captions: str = "captions.csv", folder: str = "사진첩") -> Path:
        place = tmp_path / folder
        (place / "images").mkdir(parents=True)
        for number in range(count):
            pixels = np.random.default_rng(number).integers(0, 256, (6, 7, 3)).astype(np.uint8)
            (place / "images" / f"{number:03}.png").write_bytes(png(pixels))
        rows = [
            (f"{number:03}.png", f"{kind} {number}") for number in range(count) for kind in ("개", "a dog")
        ]
        with open(place / captions, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("image", "caption"), *rows])
        return place

    return write
