"""N-grams as a decoder, so that all that continues a text continues it with them too."""

from typing import final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from yeoul.baselines.ngrams import Ngrams
from yeoul.data.streams import Counts, Ids
from yeoul.metrics.intervals import Floats
from yeoul.models.protocols import Decoded, State
from yeoul.recipe import NgramRecipe
from yeoul.text.tokenizers import Unit

_ORDERS: dict[Unit, int] = {"byte": 12, "jamo": 12, "character": 8, "syllable": 6}
_ORDER = 5
MOST_TOKENS = 5_000_000
"""Counted are so many training tokens, the last ones; more of them take gigabytes."""


def strong_order(unit: Unit) -> int:
    """Return the order of the n-grams that a model must beat: some five words, or as many letters as two make."""
    return _ORDERS.get(unit, _ORDER)


def fit_ngrams(recipe: NgramRecipe, ids: Ids, offsets: Counts | None, *, tokens: int, start: int) -> Ngrams:
    """Count a stream; where documents end at `offsets` (D + 1,), no run reaches from one into the next."""
    if offsets is None:
        newest = np.asarray(ids[max(0, len(ids) - MOST_TOKENS) :])
        return Ngrams.fit(recipe, newest, tokens=tokens, start=start)
    first = int(np.searchsorted(offsets, len(ids) - MOST_TOKENS))
    newest, ends = ids[offsets[first] :], offsets[first:] - offsets[first]
    return Ngrams.fit(recipe, _apart(newest, ends, recipe.order, start)[0], tokens=tokens, start=start)


def unigram_of(model: Ngrams, *, documents: bool) -> Ngrams:
    """Return the tokens' own shares in the text that a model has counted; `documents` were parted by start tokens."""
    counts = model.occurrences
    if documents and model.order > 2:
        counts[model.start] //= model.order - 1
    return Ngrams.of_occurrences(counts, start=model.start)


def document_log_probs(model: Ngrams, ids: Ids, offsets: Counts) -> Floats:
    """Return the log-probability of every token (N,), each document by itself."""
    apart, own = _apart(ids, offsets, model.order, model.start)
    told: Floats = model.log_probs(apart)[own]
    return told


def _apart(ids: Ids, offsets: Counts, order: int, start: int) -> tuple[Ids, npt.NDArray[np.bool_]]:
    """Part documents, each of which ends with the start token, by more of these; return which tokens are real.

    What follows a start token within a document is then told after start tokens alone, as at the beginning.
    """
    more = max(0, order - 2)
    parted = np.insert(ids, np.repeat(offsets[1:], more), start).astype(np.int32, copy=False)
    own = np.insert(np.ones(len(ids), np.bool_), np.repeat(offsets[1:], more), values=False)
    return parted, own


@final
class NgramDecoder:
    """Says the next token by the last few; the state is these (B, order - 1), the newest last."""

    def __init__(self, model: Ngrams) -> None:
        self.model = model

    def start(self, memory: None, rows: int) -> State:
        """Return what stands before a text, so many times."""
        return (torch.full((rows, self.model.order - 1), self.model.start),)

    def step(self, previous: Tensor, state: State, memory: None) -> tuple[Decoded, State]:
        """Read one more token (B,) of each row."""
        read = torch.cat([state[0], previous.cpu()[:, None]], dim=1)
        newest = read[:, 1:]
        told = np.stack([self.model.distribution(row) for row in newest.numpy()])
        return Decoded(torch.from_numpy(np.log(told)).float()), (newest,)

    def forward(self, inputs: Tensor, state: State, memory: None) -> tuple[Decoded, State]:
        """Read many more tokens (B, T)."""
        logits = list[Tensor]()
        for previous in inputs.unbind(1):
            decoded, state = self.step(previous, state, memory)
            logits.append(decoded.logits)
        return Decoded(torch.stack(logits, dim=1)), state
