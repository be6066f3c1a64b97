"""Refuse targets from which nothing can be learned, and say what they look like instead."""

import re
from collections.abc import Mapping

import numpy as np

from yeoul.data.examples import Examples
from yeoul.data.targets import TargetKind, encode_targets
from yeoul.errors import DataError

LEAST_ROWS_OF_A_CLASS = 3
FEW_CLASSES = 20
_MANY_NUMBERS = 100
ROWS_PER_CLASS = 10
_ROWS_PER_LABEL = 2
_NAMED = 10
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def check_targets(
    counts: Mapping[str, int], kind: TargetKind, examples: Examples, column: str, where: str
) -> None:
    """Raise `DataError` for targets that no model can learn; `counts` holds the rows of each label."""
    match kind:
        case "class":
            _check_classes(counts, len(examples), column, where)
        case "labels":
            _check_labels(counts, len(examples), column, where)
        case "number":
            numbers = encode_targets(examples, kind, ())
            if np.ptp(numbers) == 0:
                raise DataError(
                    "all rows have the same number {number}, so there is nothing to learn",
                    "name another column with --target",
                    where=where,
                    values={"number": f"{numbers[0]:g}"},
                )


def are_numbers(labels: Mapping[str, int]) -> bool:
    """Tell whether all labels are written as numbers."""
    return all(_NUMBER.fullmatch(label) for label in labels)


def _check_labels(counts: Mapping[str, int], rows: int, column: str, where: str) -> None:
    if len(counts) < 2:
        raise DataError(
            "the column {column} holds {count} different labels, so there is nothing to learn",
            "look at data.label_separator, or name another column with --target",
            where=where,
            values={"column": column, "count": len(counts)},
        )
    if len(counts) > max(FEW_CLASSES, rows // _ROWS_PER_LABEL):
        raise DataError(
            "the column {column} holds {count} different labels in {rows} rows: texts or names, not labels",
            "look at data.label_separator, or name another column with --target",
            where=where,
            values={"column": column, "count": f"{len(counts):,}", "rows": f"{rows:,}"},
        )

    rare = sorted((count, label) for label, count in counts.items() if count < LEAST_ROWS_OF_A_CLASS)
    if rare:
        shown = ", ".join(f"{label} ({count})" for count, label in rare[:_NAMED])
        raise DataError(
            "{labels} labels are in fewer than {least} rows: {found}",
            "add rows with them, or take them out of the rows",
            where=where,
            values={
                "labels": len(rare),
                "least": LEAST_ROWS_OF_A_CLASS,
                "found": shown + (" …" if len(rare) > _NAMED else ""),
            },
        )


def _check_classes(counts: Mapping[str, int], rows: int, column: str, where: str) -> None:
    values = {"column": column, "count": f"{len(counts):,}", "rows": f"{rows:,}"}
    if len(counts) == 1:
        raise DataError(
            "all rows have the same label {label}, so there is nothing to learn",
            "name another column with --target, or add rows of another class",
            where=where,
            values={**values, "label": next(iter(counts))},
        )
    if column in counts:
        raise DataError(
            "the first row looks like data, not like the names of columns: {column} is also a label",
            "put a row with the names of the columns above it",
            where=where,
            values=values,
        )
    numeric = are_numbers(counts)
    if len(counts) > max(FEW_CLASSES, rows // ROWS_PER_CLASS) or (numeric and len(counts) > _MANY_NUMBERS):
        raise DataError(
            "the column {column} has {count} values in {rows} rows: a number or a name, not a class",
            "name the column of the labels with --target, or learn the numbers with target_kind=number"
            if numeric
            else "name the column of the labels with --target",
            where=where,
            values=values,
        )
    rare = sorted((count, label) for label, count in counts.items() if count < LEAST_ROWS_OF_A_CLASS)
    if rare:
        raise DataError(
            "the label {label} has {count} of the {least} rows that a class needs ({classes} such labels)",
            "add rows, or give these rows another label",
            where=where,
            values={
                "label": rare[0][1],
                "count": rare[0][0],
                "least": LEAST_ROWS_OF_A_CLASS,
                "classes": len(rare),
            },
        )
