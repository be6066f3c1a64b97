"""Whether a source is like those that a model was trained on: which of its letters stood side by side there."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt

from yeoul.metrics.language import run_hashes

_RUN = 3
_TEXTS_AT_ONCE = 20_000


@final
@dataclass(frozen=True, eq=False)
class Familiar:
    """The runs of three letters in the sources of the training, a space before and after each text."""

    runs: npt.NDArray[np.uint64]  # (R,) sorted hashes

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Familiar":
        """Collect the runs of training sources."""
        known = np.empty(0, np.uint64)
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            parts = [_runs(text) for text in texts[start : start + _TEXTS_AT_ONCE]]
            known = np.unique(np.concatenate([known, *parts]))
        return cls(known)

    def strange(self, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return the share (N,) of each text's runs that never stood in a training source; all of an empty one."""
        shares = np.array([0.0 if text.strip() else 1.0 for text in texts])
        for row, text in enumerate(texts):
            runs = _runs(text)
            if len(runs) and len(self.runs):
                places = np.minimum(np.searchsorted(self.runs, runs), len(self.runs) - 1)
                shares[row] = float((self.runs[places] != runs).mean())
        return shares


def _runs(text: str) -> npt.NDArray[np.uint64]:
    """Return the hash of each run of letters, syllables taken apart (NFD), capitals made small."""
    letters = f" {unicodedata.normalize('NFD', ' '.join(text.lower().split()))} "
    points = np.frombuffer(letters.encode("utf-32-le", "replace"), np.uint32)
    return run_hashes(points, _RUN)
