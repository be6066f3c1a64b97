"""Pictures with their captions, cut into batches: one row is a picture with all that is said of it.

So a picture is looked at once for its captions. These are read and said as the targets of pairs are, see
`yeoul.data.pairs.rows`.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt
import torch

from yeoul.data.batches import Batch, bucketed_order
from yeoul.data.pairs.rows import Marks, shifted
from yeoul.data.pictures.captioned import Captioned
from yeoul.data.tokens import TokenRows, places
from yeoul.padded import Padded

Ints = npt.NDArray[np.int64]
_PIXELS_A_STEP = 64
"""What a picture costs is told in steps, as that of a text: so many pixels count as one."""
_ALIKE = 8


@final
@dataclass(frozen=True, eq=False)
class CaptionRows:
    """Pictures with their captions (R,) as tokens."""

    pictures: Captioned
    captions: TokenRows
    marks: Marks
    words: npt.NDArray[np.bool_] | None = None
    """(N, W) whether a word is in the captions of a picture, where words are looked for."""

    def __len__(self) -> int:
        return len(self.pictures)

    @property
    def lengths(self) -> Ints:
        """(N,) steps of each row: what its captions have, and what looking at the picture costs."""
        shape = self.pictures.features_shape
        seen = self.pictures.size**2 // _PIXELS_A_STEP if shape is None else shape[0]
        lengths: Ints = np.add.reduceat(self.said_lengths, self.pictures.offsets[:-1]) + seen
        return lengths

    @property
    def said_lengths(self) -> Ints:
        """(R,) tokens that are said of each caption, its end among them."""
        lengths: Ints = self.captions.lengths + self._whole
        return lengths

    @property
    def counts(self) -> Ints:
        """(N,) captions of each picture."""
        counts: Ints = np.diff(self.pictures.offsets)
        return counts

    def order(self, batch_size: int, seed: int, epoch: int) -> list[Ints]:
        """Return the pictures of each batch: those whose longest captions are about equally long together."""
        longest = np.maximum.reduceat(self.said_lengths, self.pictures.offsets[:-1])
        return bucketed_order(longest // _ALIKE, batch_size, seed, epoch)

    def batch(self, rows: Ints) -> Batch:
        """Assemble the given pictures, in the given order, each with its captions one after another.

        Inputs are "picture" (P, …), "captions" (P,), how many each has, "target" (R, T) and, where words are looked
        for, "words" (P, W); the targets (R, T) are arbitrary beyond the lengths of "target".
        """
        counts = self.counts[rows]
        own = places(self.pictures.offsets[rows], counts)
        tokens, lengths = self.captions.gather(own)
        whole = self._whole[own]
        read, said = shifted(tokens, lengths, whole, self.marks)
        steps = torch.from_numpy(lengths + whole)
        inputs: dict[str, Padded | torch.Tensor] = {
            "picture": self.seen(rows),
            "captions": torch.from_numpy(counts),
            "target": Padded.from_flat(torch.from_numpy(read), steps),
        }
        if self.words is not None:
            inputs["words"] = torch.from_numpy(self.words[rows].astype(np.float32))
        return Batch(inputs, Padded.from_flat(torch.from_numpy(said), steps).values, torch.from_numpy(rows))

    def seen(self, rows: Ints) -> torch.Tensor:
        """Return what a model looks at: pixels (P, H, W, 3) of 8 bits, or features (P, G, D)."""
        if self.pictures.features_shape is None:
            return torch.from_numpy(self.pictures.pixels(rows))
        return torch.from_numpy(self.pictures.features(rows))

    @property
    def _whole(self) -> Ints:
        """(R,) 1 where a caption was not cut off."""
        whole: Ints = (self.captions.lost == 0).astype(np.int64)
        return whole
