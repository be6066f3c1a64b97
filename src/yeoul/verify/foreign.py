"""Put any callable over padded rows to the laws: a PyTorch module, a Keras model, a function over arrays."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from yeoul.padded import Padded
from yeoul.verify.laws import TOLERANCE
from yeoul.verify.subject import Array, Arrays, Ask, Filler, LawName, Pieces, Reason, Subject
from yeoul.verify.verified import Verified, verified

Answers = Literal["row", "steps", "causal"]
Given = Literal["lengths", "mask", "zeros"]
Called = Callable[..., Any]
Streamed = Callable[[Tensor, Any], tuple[Any, Any]]


def check(
    model: Called,
    rows: Sequence[npt.ArrayLike],
    *,
    given: Given = "lengths",
    answers: Answers = "row",
    convert: Callable[[Array], Any] = torch.from_numpy,
    stream: Streamed | None = None,
    reload: Callable[[], Called] | None = None,
    tolerance: float = TOLERANCE,
) -> Verified:
    """Measure the laws on a model that somebody else made.

    `model(values, lengths)` reads rows side by side, (B, T) ids or (B, T, D) numbers as `rows` are, and the true
    length (B,) of each; with `given="mask"` a mask (B, T) that is True where a step is real, with "zeros" nothing
    more: padding then is zeros. It answers each row (B, …), each step (B, T, …), or each step from no later ones
    ("causal"). What `model` is given are tensors; `convert=np.asarray` gives it arrays. `stream(part, state)` reads a
    part (1, t, …) of a row, the first with the state None, and returns the answers to its steps and the state after
    it. `reload()` saves the model, loads it and returns it. At least two rows of unequal length tell most. Raises
    `ValueError` where there are none, and what the model itself raises when it is asked about all rows at once.

    >>> check(lambda values, lengths: values.sum(dim=1), [[1.0, 2.0], [3.0]]).broken     # it adds the padding up
    ('padding',)
    """
    if not rows:
        raise ValueError("there must be at least one row")
    arrays = tuple(_array(row) for row in rows)
    filler = Filler.like(arrays, zeros=given == "zeros")
    in_pieces = None if stream is None else _pieces(stream)

    def subject(called: Called, again: Callable[[], Subject[Array]] | None) -> Subject[Array]:
        ask = _ask(called, given, answers, convert)
        exempt = _exempt(answers, stream is not None, again is not None)
        return Arrays("model", arrays, ask, filler, exempt, in_pieces=in_pieces, reload=again)

    if reload is None:
        return verified([subject(model, None)], tolerance)
    again = reload
    return verified([subject(model, cache(lambda: subject(again(), None)))], tolerance)


def _array(row: npt.ArrayLike) -> Array:
    array = np.asarray(row)
    return array.astype(np.int64 if np.issubdtype(array.dtype, np.integer) else np.float32)


def _ask(called: Called, given: Given, answers: Answers, convert: Callable[[Array], Any]) -> Ask:
    def ask(padded: Padded) -> Padded | Tensor:
        beside = {"lengths": (padded.lengths,), "mask": (padded.mask,), "zeros": ()}[given]
        told = _tensor(called(*(convert(part.numpy()) for part in (padded.values, *beside))))
        return told if answers == "row" else Padded(told, padded.lengths)

    return ask


def _pieces(stream: Streamed) -> Pieces:
    def in_pieces(parts: Sequence[Tensor]) -> Tensor:
        told, state = [], None
        for part in parts:
            answered, state = stream(part, state)
            told.append(_tensor(answered)[0])
        return torch.cat(told)

    return in_pieces


def _tensor(told: Any) -> Tensor:
    return told if isinstance(told, Tensor) else torch.from_numpy(np.asarray(told))


def _exempt(answers: Answers, streams: bool, saves: bool) -> dict[LawName, Reason]:
    exempt: dict[LawName, Reason] = {}
    if answers != "causal":
        exempt["future"] = "whole"
    if not streams:
        exempt["chunks"] = "pieces"
    if not saves:
        exempt["saved"] = "unsaved"
    return exempt
