"""What all tables of a recipe share."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Node(BaseModel):
    """One table of a recipe: frozen, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class UnfitError(ValueError):
    """Values of a recipe that do not go together; a `RecipeError` tells it with the place, see there."""

    def __init__(self, problem: str, remedy: str = "", values: Mapping[str, object] | None = None) -> None:
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy
        self.values = dict(values or {})


Share = Annotated[float, Field(ge=0.0, lt=1.0)]
Size = Annotated[int, Field(ge=1, le=1_000_000_000)]
Width = Annotated[int, Field(ge=1, le=65_536)]
"""Of a layer: far beyond what a machine holds, and small enough to refuse what a forged file asks for."""
Depth = Annotated[int, Field(ge=1, le=64)]


def with_kind(values: object, name: str, kind: str) -> object:
    """Return the table `values` with a kind for the table `name` in it, unless one is given."""
    if isinstance(values, dict) and isinstance(values.get(name), dict):
        return {**values, name: {"kind": kind, **values[name]}}
    return values
