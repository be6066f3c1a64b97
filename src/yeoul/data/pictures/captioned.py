"""Pictures with one caption or more each, as columns; a picture is only read when it is asked for."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yeoul.data.pictures.reading import Pixels, png
from yeoul.data.tokens import places as places_of

Ints = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Captioned:
    """N pictures with R captions: those of picture i are `captions[offsets[i]:offsets[i + 1]]`."""

    names: tuple[str, ...]
    """Of the files, as the captions name them."""
    folder: str
    """Where they lie, as people are shown it; empty where pictures are drawn."""
    captions: pa.Array  # (R,)
    offsets: Ints  # (N + 1,)
    frames: Pixels  # (M, S, S, 3) of the whole set, mapped
    places: Ints  # (N,) of each picture among the frames
    vectors: Vectors | None = None  # (M, P, D) what another network told of them, mapped

    def __len__(self) -> int:
        return len(self.names)

    @property
    def size(self) -> int:
        """Pixels of a side."""
        return int(self.frames.shape[1])

    @property
    def features_shape(self) -> tuple[int, int] | None:
        """Places of a picture, and what is told of each."""
        return None if self.vectors is None else (self.vectors.shape[1], self.vectors.shape[2])

    def name(self, index: int) -> str:
        """Return the name of a picture's file."""
        return self.names[index]

    def where(self, index: int) -> str:
        """Return the place of a picture: "images/child.jpg"."""
        return f"{self.folder}/{self.names[index]}" if self.folder else self.names[index]

    def texts(self) -> list[str]:
        """Return all captions (R)."""
        texts: list[str] = self.captions.to_pylist()
        return texts

    def references(self) -> list[list[str]]:
        """Return the captions of each picture (N)."""
        texts = self.texts()
        return [texts[start:end] for start, end in pairwise(self.offsets.tolist())]

    def pixels(self, rows: Ints) -> Pixels:
        """Return pictures (B, S, S, 3) at these places."""
        return self.frames[self.places[rows]]

    def features(self, rows: Ints) -> Vectors:
        """Return what another network told of pictures (B, P, D)."""
        if self.vectors is None:
            raise ValueError("the pictures have no features")
        return np.ascontiguousarray(self.vectors[self.places[rows]], np.float32)

    def png(self, index: int) -> bytes:
        """Return a picture as a network sees it, as the bytes of a PNG file."""
        return png(self.frames[self.places[index]])

    def select(self, rows: Ints) -> "Captioned":
        """Return the pictures of `rows`, in that order."""
        counts = np.diff(self.offsets)[rows]
        own = places_of(self.offsets[rows], counts)
        return Captioned(
            tuple(self.names[row] for row in rows.tolist()),
            self.folder,
            self.captions.take(pa.array(own, pa.int64())),
            np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]),
            self.frames,
            self.places[rows],
            self.vectors,
        )
