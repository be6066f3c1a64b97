"""`[data]`: where the rows come from."""

from typing import Annotated, Literal

from pydantic import Field

from yeoul.recipe.nodes import Node, Size

TargetKind = Literal["class", "labels", "number"]


class DataRecipe(Node):
    """Where the rows come from and how they are split."""

    source: str = ""
    """A file, or the name of a public set (`yeoul data list`)."""
    inputs: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Text columns, joined by a line break when there are several; guessed when empty."""
    target: str = ""
    """Column of the labels; guessed when empty."""
    target_kind: TargetKind = "class"
    """One label a row, several at once (a JSON list or parted by `label_separator`), or a number."""
    label_separator: Annotated[str, Field(min_length=1)] = ","
    """Between the labels of a row that has several."""
    slices: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Further columns by whose values the scores are told apart."""
    columns: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Names of a file's columns, in order, when it has no header; empty: the first row is the header."""
    encoding: str = "auto"
    """"auto" tries a byte order mark, strict UTF-8 and strict CP949, in this order."""
    separator: str = "auto"
    """One character between columns, or "auto"."""
    training_rows: Size | None = None
    """So many of the training rows are used, drawn by the seed, classes in proportion; all when unset."""
    validation: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.1
    """Share of the training rows set apart to choose the best epoch."""
    test: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    """Share of all rows set apart for the final score; unset: the official test set, else 0.1."""
