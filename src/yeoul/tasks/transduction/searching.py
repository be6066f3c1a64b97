"""Look for the best answers of a model to many sources, and tell what it holds of given ones."""

import math

import numpy as np
import numpy.typing as npt
import torch

from yeoul.data.batches import Rows, by_length
from yeoul.data.pairs.rows import Marks
from yeoul.data.tokens import TokenRows
from yeoul.decoding import Beams, Forbid, Found, Hypothesis, Limits, NoRepeatNgrams, Step, beam_search, opened
from yeoul.models.protocols import Model
from yeoul.models.transduction import Seq2Seq
from yeoul.padded import Padded
from yeoul.recipe import SearchRecipe
from yeoul.text.tokenizers import UNKNOWN_ID

_ROWS_AT_ONCE = 640
"""Hypotheses that go on side by side; fewer sources for wider beams."""


def found_answers(
    model: Seq2Seq,
    sources: TokenRows,
    marks: Marks,
    search: SearchRecipe,
    max_tokens: int,
    best: int = 1,
) -> list[tuple[Hypothesis, ...]]:
    """Return the best hypotheses for each source, in their order, at most so many and at most the beam's size."""
    return [one.hypotheses for one in search_rows(model, sources, marks, search, max_tokens, best)]


def search_rows(
    model: Seq2Seq,
    sources: TokenRows,
    marks: Marks,
    search: SearchRecipe,
    max_tokens: int,
    best: int = 1,
    keep_tree: bool = False,
) -> list[Found]:
    """Return what a beam finds for each source, in their order.

    Sources of one length are searched together; the unknown token is never said. The model is put into evaluation
    mode.
    """
    model.eval()
    device = next(model.parameters()).device
    steps: list[Step] = [Forbid((UNKNOWN_ID,))]
    if search.no_repeat is not None:
        steps.append(NoRepeatNgrams(search.no_repeat))
    beams = Beams(
        size=search.beam,
        best=min(best, search.beam),
        length_penalty=search.length_penalty,
        coverage_penalty=search.coverage_penalty,
        keep_tree=keep_tree,
    )
    limits = Limits(max_tokens, marks.end)
    order = np.argsort(sources.lengths, kind="stable")
    together = max(1, _ROWS_AT_ONCE // search.beam)
    found: dict[int, Found] = {}
    for start in range(0, len(order), together):
        rows = order[start : start + together]
        flat, lengths = sources.gather(rows)
        padded = Padded.from_flat(torch.from_numpy(flat), torch.from_numpy(lengths)).to(device)
        with torch.inference_mode():
            memory = model.encode(padded)
            opening = opened(model, memory, len(rows), marks.start, device)
        each = beam_search(model, memory, opening, limits, beams, steps, padded.lengths)
        found |= zip(rows.tolist(), each, strict=True)
    return [found[row] for row in range(len(order))]


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
