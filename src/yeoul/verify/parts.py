"""What the subjects of several tasks are made of: models saved and loaded, decoders read in pieces, rows of ids."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor

from yeoul.models.protocols import Decoder
from yeoul.padded import Padded
from yeoul.verify.subject import Array, LawName, Pieces, Reason, Subject

AS_TEXTS: Mapping[LawName, Reason] = {"padding": "texts", "future": "whole", "chunks": "pieces"}
INSIDE: Mapping[LawName, Reason] = {"threads": "elsewhere", "saved": "elsewhere"}
"""What a part of a model leaves to the whole of it."""


class _Saved(Protocol):
    def save(self, folder: Path, card: str) -> None: ...


_Model = TypeVar("_Model", bound=_Saved)


def reloaded(model: _Model, load: Callable[[Path, torch.device], _Model], device: torch.device) -> _Model:
    """Save a model, load it, and remove the folder."""
    with TemporaryDirectory() as folder:
        place = Path(folder) / "model"
        model.save(place, "# verify\n")
        return load(place, device)


def saveable(
    make: Callable[[_Model, Callable[[], Subject[Any]] | None], Subject[Any]],
    model: _Model,
    load: Callable[[Path, torch.device], _Model],
    device: torch.device,
) -> Subject[Any]:
    """Return the subject that `make` makes of a model, and of the same model saved and loaded once."""
    return make(model, cache(lambda: make(reloaded(model, load, device), None)))


def without(
    exempt: Mapping[LawName, Reason], again: Callable[[], Subject[Any]] | None
) -> dict[LawName, Reason]:
    return dict(exempt) if again is not None else {**exempt, "saved": "unsaved"}


def decoded(decoder: Decoder[Any, Any], memory: Any, device: torch.device) -> Pieces:
    """Read the parts of a target in turn: several tokens at once, or one token by one step."""

    def in_pieces(parts: Sequence[Tensor]) -> Tensor:
        told, state = [], decoder.start(memory, 1)
        for part in parts:
            ids = part.to(device)
            if ids.shape[1] == 1:
                decoded, state = decoder.step(ids[:, 0], state, memory)
                told.append(decoded.logits.float().log_softmax(-1))
            else:
                decoded, state = decoder.forward(ids, state, memory)
                told.append(decoded.logits[0].float().log_softmax(-1))
        return torch.cat(told)

    return in_pieces


def rows_of(sequences: Any, most: int | None) -> list[Array]:
    """Return the arrays of vectorized rows, each with at most so many steps."""
    flat, lengths = sequences.gather(np.arange(len(sequences)))
    return [np.array(row[:most]) for row in np.split(flat, np.cumsum(lengths)[:-1])]


def full(values: Tensor) -> Padded:
    return Padded(values, torch.full((len(values),), values.shape[1], device=values.device))


def ends(padded: Padded, length: int) -> Tensor:
    return torch.full((len(padded.lengths),), length)


def spelling(spell: Callable[[int], str | None]) -> Callable[[Array], str]:
    return lambda row: " ".join(spell(token) or "·" for token in row.tolist())
