"""Tensors on the disk: safetensors, read with suspicion."""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from yeoul.errors import ModelFileError
from yeoul.files import write_bytes

_REMEDY = "copy the file again from its source, or train again"


def save_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write named tensors to one file, whole or not at all."""
    write_bytes(path, save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}))


def load_tensors(path: Path) -> dict[str, Tensor]:
    """Read what `save_tensors` wrote; raise `ModelFileError` for anything else."""
    try:
        return load(path.read_bytes())
    except FileNotFoundError as error:
        raise ModelFileError("the file is missing", _REMEDY, where=str(path)) from error
    except (SafetensorError, OSError, ValueError, KeyError, RuntimeError) as error:
        raise ModelFileError("the file is damaged or not a model", _REMEDY, where=str(path)) from error


def check_weights(model: nn.Module, tensors: Mapping[str, Tensor], where: Path) -> None:
    """Compare names, shapes and types with what the model needs, and refuse values that are not finite.

    The model may stand on the "meta" device, so that a forged size is found before memory is asked for.
    """
    expected = model.state_dict()
    for name in sorted(expected.keys() | tensors.keys()):
        told, came = (
            f"{str(group[name].dtype).removeprefix('torch.')} {tuple(group[name].shape)}"
            if name in group
            else "none"
            for group in (expected, tensors)
        )
        if told != came:
            raise ModelFileError(
                "the weight {name} is {came}, the model needs {expected}",
                _REMEDY,
                where=str(where),
                values={"name": name, "came": came, "expected": told},
            )
        if not bool(torch.isfinite(tensors[name]).all()):
            raise ModelFileError(
                "the weight {name} is not finite", _REMEDY, where=str(where), values={"name": name}
            )
