"""Look for the best answers of a model to many sources, and tell what it holds of given ones."""

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from yeoul.data.batches import Rows, by_length
from yeoul.data.tokens import TokenRows
from yeoul.decoding import NEVER, Forbid, Found, Path
from yeoul.models.protocols import Model
from yeoul.models.transduction import Seq2Seq
from yeoul.padded import Padded
from yeoul.tasks.searching import Asking, Sources
from yeoul.text.tokenizers import UNKNOWN_ID

_ROWS_AT_ONCE = 640
"""Hypotheses that go on side by side; fewer sources for wider beams."""


def found_answers(model: Seq2Seq, sources: TokenRows, asking: Asking) -> list[Found]:
    """Return what is found for each source, in their order.

    Sources of about one length are searched together. The unknown token is said only by a model that points, where the
    source holds one to point at. The model is put into evaluation mode.
    """
    model.eval()
    device = next(model.parameters()).device
    order = np.argsort(sources.lengths, kind="stable")
    together = max(1, _ROWS_AT_ONCE // max(asking.search.beam, asking.wishes.best))
    found: dict[int, Found] = {}
    for start in range(0, len(order), together):
        rows = order[start : start + together]
        flat, lengths = sources.gather(rows)
        padded = Padded.from_flat(torch.from_numpy(flat), torch.from_numpy(lengths)).to(device)
        with torch.inference_mode():
            memory = model.encode(padded)
        pointed = (padded.filled(-1).values == UNKNOWN_ID).any(1) & (model.pointer is not None)
        keys = [zlib.crc32(own.tobytes()) for own in np.split(flat, np.cumsum(lengths)[:-1])]
        unsaid = Unsaid(pointed) if bool(pointed.any()) else Forbid((UNKNOWN_ID,))
        each = asking.found(model, memory, Sources(padded.lengths, keys), [unsaid])
        found |= zip(rows.tolist(), each, strict=True)
    return [found[row] for row in range(len(order))]


@final
@dataclass(frozen=True, eq=False)
class Unsaid:
    """Forbid the unknown token, but not to sources (M,) that may point at one of theirs."""

    pointed: Tensor

    def __call__(self, logits: Tensor, history: Sequence[Path]) -> Tensor:
        rows = self.pointed[[path.row for path in history]]
        shaped = logits.clone()
        shaped[~rows, UNKNOWN_ID] = NEVER
        return shaped


def target_log_probs(
    model: Model, rows: Rows, device: torch.device
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return the log-probability of each row's target (N,), and how many tokens it has with its end (N,)."""
    model.eval()
    sums, counts = np.zeros(len(rows)), np.zeros(len(rows), np.int64)
    with torch.inference_mode():
        for batch in by_length(rows):
            said = model.answers(batch.to(device)).double().sum(dim=1)
            sums[batch.index.numpy()] = said.cpu().numpy()
            target = batch.inputs["target"]
            if isinstance(target, Padded):
                counts[batch.index.numpy()] = target.lengths.numpy()
    return sums, counts


def nats_per_token(log_probs: npt.NDArray[np.float64], counts: npt.NDArray[np.int64]) -> float:
    """Return the mean cost of a token; NaN where one is not finite."""
    total = float(-log_probs.sum() / max(1, int(counts.sum())))
    return total if math.isfinite(total) else math.nan
