"""Train, check, explain and serve sequence models on the machine at hand.

The public face: `train`, `load`, `Run`, `Recipe`, `Manner`, the layers, `verify.check`, and the error classes. Names
are looked up on first use, so that `import yeoul` costs milliseconds and torch is loaded only when a tensor is needed.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yeoul import layers as layers
    from yeoul import verify as verify
    from yeoul.api import Run as Run
    from yeoul.api import load as load
    from yeoul.api import train as train
    from yeoul.errors import DataError as DataError
    from yeoul.errors import DeviceError as DeviceError
    from yeoul.errors import DiskFullError as DiskFullError
    from yeoul.errors import DivergedError as DivergedError
    from yeoul.errors import ModelFileError as ModelFileError
    from yeoul.errors import RecipeError as RecipeError
    from yeoul.errors import RunError as RunError
    from yeoul.errors import UsageError as UsageError
    from yeoul.errors import YeoulError as YeoulError
    from yeoul.recipe import Recipe as Recipe
    from yeoul.tasks.generation.manner import Manner as Manner

__version__ = "0.1.0"

_HOMES = {
    "train": "yeoul.api",
    "load": "yeoul.api",
    "Run": "yeoul.api",
    "Recipe": "yeoul.recipe",
    "Manner": "yeoul.tasks.generation.manner",
    "YeoulError": "yeoul.errors",
    "UsageError": "yeoul.errors",
    "RecipeError": "yeoul.errors",
    "DataError": "yeoul.errors",
    "RunError": "yeoul.errors",
    "ModelFileError": "yeoul.errors",
    "DeviceError": "yeoul.errors",
    "DivergedError": "yeoul.errors",
    "DiskFullError": "yeoul.errors",
}

_ROOMS = ("layers", "verify")

__all__ = ["__version__", "layers", "verify", *_HOMES]


def __getattr__(name: str) -> object:
    if name in _ROOMS:
        return import_module(f"yeoul.{name}")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'yeoul' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
