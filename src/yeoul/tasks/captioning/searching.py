"""Look for the best captions of many pictures, and tell what a model holds of given ones."""

import zlib
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from yeoul.data.batches import by_length
from yeoul.data.pictures.rows import CaptionRows
from yeoul.data.tokens import places
from yeoul.decoding import Forbid, Found, Hypothesis
from yeoul.models.captioning import CaptionNetwork
from yeoul.models.protocols import Model
from yeoul.tasks.searching import Asking, Sources
from yeoul.text.tokenizers import UNKNOWN_ID

_ROWS_AT_ONCE = 320
"""Hypotheses that go on side by side; fewer pictures for wider beams."""
_PICTURES_AT_ONCE = 64
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


class Seeable(Protocol):
    """Pictures that a model can look at."""

    def __len__(self) -> int: ...

    def seen(self, rows: Ints) -> Tensor:
        """Return pixels (B, H, W, 3) of 8 bits, or features (B, P, D)."""
        ...


def found_captions(model: CaptionNetwork, pictures: Seeable, asking: Asking) -> list[tuple[Hypothesis, ...]]:
    """Return the hypotheses that are found for each picture, in their order.

    The unknown token is never said. The model is put into evaluation mode.
    """
    model.eval()
    device = next(model.parameters()).device
    found, wide = list[Found](), max(asking.search.beam, asking.wishes.best)
    together = max(1, min(_PICTURES_AT_ONCE, _ROWS_AT_ONCE // wide))
    for start in range(0, len(pictures), together):
        rows = np.arange(start, min(start + together, len(pictures)))
        with torch.inference_mode():
            seen = pictures.seen(rows)
            memory = model.encode(seen.to(device))
        sources = Sources(memory.lengths, [zlib.crc32(one.numpy().tobytes()) for one in seen])
        found += asking.found(model, memory, sources, [Forbid((UNKNOWN_ID,))])
    return [one.hypotheses for one in found]


def caption_log_probs(
    model: Model, rows: CaptionRows, device: torch.device
) -> tuple[npt.NDArray[np.float64], Ints]:
    """Return the log-probability of each caption (R,), and how many tokens it has with its end (R,)."""
    model.eval()
    counts = rows.said_lengths
    sums = np.zeros(len(counts))
    with torch.inference_mode():
        for batch in by_length(rows):
            said = model.answers(batch.to(device)).double().sum(dim=1)
            index = batch.index.numpy()
            sums[places(rows.pictures.offsets[index], rows.counts[index])] = said.cpu().numpy()
    return sums, counts


def chances_of_words(model: CaptionNetwork, pictures: Seeable) -> tuple[Floats, Floats]:
    """Return the chance of each word that is looked for (N, W), and the summary (N, H) of each picture."""
    model.eval()
    device = next(model.parameters()).device
    chances, summaries = list[Floats](), list[Floats]()
    for start in range(0, len(pictures), _PICTURES_AT_ONCE):
        rows = np.arange(start, min(start + _PICTURES_AT_ONCE, len(pictures)))
        with torch.inference_mode():
            seen = model.see(pictures.seen(rows).to(device))
            if seen.absent is None:
                raise ValueError("this model looks for no words")
            chances.append((-torch.expm1(seen.absent)).float().cpu().numpy())
            summaries.append(seen.encoded.summary.float().cpu().numpy())
    return np.concatenate(chances), np.concatenate(summaries)
