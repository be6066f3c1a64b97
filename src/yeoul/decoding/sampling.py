"""Sampling: which tokens may be drawn and how readily, and the drawing itself, repeatable by row."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from yeoul.decoding.history import Path
from yeoul.decoding.steps import NEVER, Step, log_probabilities
from yeoul.errors import DivergedError

_FEW = 256
"""Most of the mass lies in few tokens: sorting these first is many times faster than sorting a vocabulary."""
_DRAWN_AT_ONCE = 64
_NUMPY_KNOWS = (torch.float32, torch.float64)


@final
@dataclass(frozen=True)
class Temperature:
    """Draw more boldly above 1, more safely below: logits / temperature (Ackley et al. 1985)."""

    temperature: float

    def __post_init__(self) -> None:
        if not self.temperature > 0.0:
            raise ValueError(f"temperature is {self.temperature}, expected more than 0")

    def __call__(self, logits: Tensor, history: Sequence[Path]) -> Tensor:
        return logits / self.temperature


@final
@dataclass(frozen=True)
class TopK:
    """Draw from the `count` most likely tokens (Fan et al. 2018); 1 is greedy."""

    count: int

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError(f"count is {self.count}, expected at least 1")

    def __call__(self, logits: Tensor, history: Sequence[Path]) -> Tensor:
        if self.count >= logits.shape[1]:
            return logits
        largest, places = logits.topk(self.count, dim=1)
        return torch.full_like(logits, NEVER).scatter_(1, places, largest)


@final
@dataclass(frozen=True)
class TopP:
    """Draw from the nucleus: the fewest, most likely tokens that hold this share (Holtzman et al. 2020)."""

    share: float

    def __post_init__(self) -> None:
        _check_share(self.share)

    def __call__(self, logits: Tensor, history: Sequence[Path]) -> Tensor:
        probs = logits.softmax(1)
        return _smallest_set(logits, probs, probs, self.share)


@final
@dataclass(frozen=True)
class Typical:
    """Draw from the tokens whose surprise is nearest the expected one and that hold this share.

    Sorted by | -log p - H |, H being the entropy of the row (Meister et al. 2023, locally typical sampling).
    """

    share: float

    def __post_init__(self) -> None:
        _check_share(self.share)

    def __call__(self, logits: Tensor, history: Sequence[Path]) -> Tensor:
        log_probs = log_probabilities(logits)
        probs = log_probs.exp()
        entropy = torch.special.entr(probs).sum(1, keepdim=True)
        return _smallest_set(logits, -(log_probs + entropy).abs(), probs, self.share)


@final
@dataclass(frozen=True)
class MinP:
    """Draw from the tokens at least this share as likely as the likeliest (Nguyen et al. 2024)."""

    share: float

    def __post_init__(self) -> None:
        _check_share(self.share)

    def __call__(self, logits: Tensor, history: Sequence[Path]) -> Tensor:
        probs = logits.softmax(1)
        return logits.masked_fill(probs < self.share * probs.amax(1, keepdim=True), NEVER)


COLDEST = 1e-6
"""Below it the likeliest token is taken: nothing else would be drawn, and logits divided by it may have no number."""


def drawing(
    temperature: float,
    top_k: int | None = None,
    top_p: float | None = None,
    typical: float | None = None,
    min_p: float = 0.0,
) -> list[Step]:
    """Return the steps before a draw: the temperature, then the shares of what is left."""
    if temperature < COLDEST:
        return [TopK(1)]
    steps: list[Step] = [] if temperature == 1.0 else [Temperature(temperature)]
    if top_k is not None:
        steps.append(TopK(top_k))
    if top_p is not None:
        steps.append(TopP(top_p))
    if typical is not None:
        steps.append(Typical(typical))
    if min_p:
        steps.append(MinP(min_p))
    return steps


@final
@dataclass(frozen=True)
class Forbid:
    """Never say these tokens, such as the unknown one (the skip list of Saito 2018)."""

    tokens: tuple[int, ...]

    @cached_property
    def _masks(self) -> dict[int, Tensor]:
        return {}

    def __call__(self, logits: Tensor, history: Sequence[Path]) -> Tensor:
        if not self.tokens:
            return logits
        size = logits.shape[1]
        if size not in self._masks:
            mask = torch.zeros(size)
            mask[torch.tensor(self.tokens, dtype=torch.int64)] = NEVER
            self._masks[size] = mask
        return logits + self._masks[size].to(logits.device, logits.dtype)


@final
@dataclass(frozen=True)
class RepetitionPenalty:
    """Say less readily what stands among the newest tokens: log p ← penalty · log p (after Keskar et al. 2019).

    The penalty falls on log-probabilities, not on logits, whose sign and constant mean nothing.
    """

    penalty: float
    window: int = 256
    """How many of the newest tokens count."""

    def __post_init__(self) -> None:
        if self.penalty < 1.0:
            raise ValueError(f"penalty is {self.penalty}, expected at least 1")

    def __call__(self, logits: Tensor, history: Sequence[Path]) -> Tensor:
        said = [(row, token) for row, path in enumerate(history) for token in set(path.newest(self.window))]
        log_probs = log_probabilities(logits)
        if not said:
            return log_probs
        rows, tokens = torch.tensor(said, device=logits.device).T
        return log_probs.index_put((rows, tokens), self.penalty * log_probs[rows, tokens])


@final
@dataclass(frozen=True)
class NoRepeatNgrams:
    """Never say the same `size` tokens in a row twice (Paulus et al. 2018). A step takes time with the length."""

    size: int

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError(f"size is {self.size}, expected at least 1")

    def __call__(self, logits: Tensor, history: Sequence[Path]) -> Tensor:
        repeats = [(row, token) for row, path in enumerate(history) for token in self._repeats(path.tokens)]
        if not repeats:
            return logits
        rows, tokens = torch.tensor(repeats, device=logits.device).T
        return logits.index_put((rows, tokens), logits.new_tensor(NEVER))

    def _repeats(self, tokens: list[int]) -> set[int]:
        """Return what has followed the newest `size` - 1 tokens before."""
        if self.size == 1:
            return set(tokens)
        known = len(tokens) - self.size + 1
        if known <= 0:
            return set()
        first, *rest = tokens[known:]
        return {
            tokens[place + self.size - 1]
            for place in range(known)
            if tokens[place] == first and tokens[place + 1 : place + self.size - 1] == rest
        }


@final
class Draws:
    """Draws one token of each row at a time; what row b draws follows from its own seed and logits alone."""

    def __init__(self, seeds: Sequence[int]) -> None:
        self._streams = [torch.Generator().manual_seed(seed) for seed in seeds]
        self._shares: list[list[float]] = []
        self._place = _DRAWN_AT_ONCE

    def tokens(self, logits: Tensor) -> Tensor:
        """Return a token (B,) for each row of (B, V), or -1 where none may come.

        Raises `DivergedError` for a model that answers with NaN.
        """
        rows = _numbers(logits)
        highest = rows.max(1)
        if np.isnan(highest).any():
            raise not_a_number()
        open_rows = highest != NEVER
        least = np.where(open_rows, highest, 0.0)[:, None].astype(rows.dtype)
        reached = np.exp(rows - least).cumsum(1, dtype=np.float64)  # (B, V)
        shares = np.array(self._next())[:, None] * reached[:, -1:]
        drawn = np.where(open_rows, (reached <= shares).sum(1), -1)
        return torch.from_numpy(drawn).to(logits.device)

    def token(self, logits: Tensor) -> int:
        """Return what `tokens` would for one row (1, V), with as little ado as possible."""
        row = _numbers(logits)[0]
        highest = row[row.argmax()]  # where there is a NaN, that
        if highest == NEVER:
            return -1
        if highest != highest:
            raise not_a_number()
        reached = np.exp(row - highest).cumsum(dtype=np.float64)
        return int(reached.searchsorted(self._next()[0] * reached[-1], side="right"))

    def select(self, rows: Sequence[int]) -> None:
        """Go on with these rows alone; none may come twice."""
        self._streams = [self._streams[row] for row in rows]
        self._shares = [self._shares[row] for row in rows]

    def _next(self) -> list[float]:
        """Return the next number of each row, at least 0 and so far below 1 that rounding never brings it there."""
        if self._place == _DRAWN_AT_ONCE:
            below = 1.0 - 2.0**-52
            self._shares = [
                (torch.rand(_DRAWN_AT_ONCE, generator=stream, dtype=torch.float64) * below).tolist()
                for stream in self._streams
            ]
            self._place = 0
        self._place += 1
        return [shares[self._place - 1] for shares in self._shares]


def likeliest(logits: Tensor) -> int:
    """Return the likeliest token of one row (1, V), or -1 where none may come.

    Raises `DivergedError` for a model that answers with NaN.
    """
    highest, place = logits.max(1)
    value = highest.item()
    if value != value:
        raise not_a_number()
    return -1 if value == NEVER else int(place)


def _numbers(logits: Tensor) -> npt.NDArray[Any]:
    """Return logits (B, V) where small calls are cheapest; they are few, for one token of each row."""
    if logits.requires_grad or logits.device.type != "cpu" or logits.dtype not in _NUMPY_KNOWS:
        logits = logits.detach().cpu().float()
    return logits.numpy()


def not_a_number() -> DivergedError:
    """Return the error for a model that answers with NaN."""
    return DivergedError(
        "the model answers with what is not a number", "train it anew with a lower training.rate"
    )


def _smallest_set(logits: Tensor, ranks: Tensor, probs: Tensor, share: float) -> Tensor:
    """Keep the tokens of highest rank, as few as hold `share` of the probability."""
    count, size = _FEW, logits.shape[1]
    while True:
        places = ranks.topk(min(count, size), dim=1).indices  # (B, count)
        held = probs.gather(1, places).cumsum(1, dtype=torch.float64)
        if count >= size or bool((held[:, -1] >= share).all()):
            break
        count *= 8
    before = held.roll(1, 1)
    before[:, 0] = 0.0
    kept = logits.gather(1, places).masked_fill(before >= share, NEVER)
    return torch.full_like(logits, NEVER).scatter_(1, places, kept)


def _check_share(share: float) -> None:
    if not 0.0 < share <= 1.0:
        raise ValueError(f"share is {share}, expected more than 0, at most 1")
