"""What a row's target is: one label, several at once, or a number; every cell checked and encoded."""

import json
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.examples import Examples
from yeoul.data.numbers import not_a_number, numbers_of
from yeoul.data.tables import Table
from yeoul.errors import DataError

TargetKind = Literal["class", "labels", "number"]
_NAMED = 10  # unknown labels that an error lists
_BINS = 10
_COMMON_COMBINATION = 10  # rows that make a combination of labels a stratum of its own


def with_targets(table: Table, column: str, kind: TargetKind, separator: str = ",") -> Table:
    """Return the table with the targets in the form that `Examples.targets` has.

    A class stays as it is, several labels become a sorted JSON list ("[]" for none), a number the shortest
    decimal that reads back as it. Raises `DataError` with the row of the first cell that is none of that.
    """
    if kind == "class":
        return table
    cells = table.columns[column]
    encoded = pa.chunked_array(cells.chunks, cells.type).combine_chunks().dictionary_encode()
    distinct: list[str] = encoded.dictionary.to_pylist()
    codes = encoded.indices.to_numpy(zero_copy_only=False)

    def where(code: int) -> str:
        return f"{table.name}:{table.numbers[np.flatnonzero(codes == code)[0]]}"

    if kind == "number":
        numbers = numbers_of(encoded.dictionary)
        bad = np.flatnonzero(np.isnan(numbers))
        if len(bad):
            first = min(bad.tolist(), key=lambda code: int(np.flatnonzero(codes == code)[0]))
            raise not_a_number(distinct[first], where(first), column)
        spelled = [repr(float(number)).removesuffix(".0") for number in numbers]
    else:
        spelled = []
        for code, cell in enumerate(distinct):
            try:
                spelled.append(json.dumps(sorted(read_labels(cell, separator)), ensure_ascii=False))
            except ValueError as error:
                raise DataError(
                    "the labels {cell} begin like a JSON list but are none",
                    'write them as in ["a", "b"], or parted by {separator}',
                    where=where(code),
                    values={"cell": cell[:40], "separator": separator},
                ) from error
    written = pa.array(spelled, pa.string()).take(encoded.indices)
    return replace(table, columns={**table.columns, column: pa.chunked_array([written])})


def read_labels(cell: str, separator: str) -> frozenset[str]:
    """Return the labels of a cell: a JSON list, or text parted by `separator`; an empty cell has none.

    Raises `ValueError` for what begins like a list and is none.

    >>> sorted(read_labels('["맛", "가격"]', ",")), sorted(read_labels(" 맛 ;가격;", ";"))
    (['가격', '맛'], ['가격', '맛'])
    """
    cell = unicodedata.normalize("NFC", cell).strip()
    if not cell.startswith("["):
        return frozenset(part for part in map(str.strip, cell.split(separator)) if part)
    parts: Any = json.loads(cell)
    if not isinstance(parts, list) or not all(isinstance(part, (str, int, float)) for part in parts):
        raise ValueError("not a list of labels")
    return frozenset(part for part in (str(each).strip() for each in parts) if part)


def labels_of(examples: Examples, kind: TargetKind) -> dict[str, int]:
    """Count the rows of each label; a number has none."""
    if kind == "number":
        return {}
    counted = pc.value_counts(examples.targets)
    cells: list[str] = counted.field("values").to_pylist()
    rows: list[int] = counted.field("counts").to_pylist()
    if kind == "class":
        return dict(zip(cells, rows))
    totals: Counter[str] = Counter()
    for cell, count in zip(cells, rows):
        for label in read_labels(cell, ","):
            totals[label] += count
    return dict(totals)


def encode_targets(
    examples: Examples, kind: TargetKind, labels: Sequence[str], separator: str = ","
) -> npt.NDArray[Any]:
    """Return the targets as a model reads them.

    A class is (N,) int64, its place among `labels`; several labels are (N, V) float32 of ones and zeros; a
    number is (N,) float64. Raises `DataError` when a row has a label that is not among `labels`.
    """
    if kind == "number":
        numbers: npt.NDArray[np.float64] = pc.cast(examples.targets, pa.float64()).to_numpy()
        return numbers
    refuse_unknown(examples, kind, labels, separator)
    places = {label: place for place, label in enumerate(labels)}
    encoded = examples.targets.dictionary_encode()
    distinct: list[str] = encoded.dictionary.to_pylist()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    if kind == "class":
        ids: npt.NDArray[np.int64] = np.array([places[cell] for cell in distinct], np.int64)[codes]
        return ids
    table: npt.NDArray[np.float32] = np.zeros((len(distinct), len(labels)), np.float32)
    for code, cell in enumerate(distinct):
        table[code, [places[label] for label in read_labels(cell, separator)]] = 1.0
    rows: npt.NDArray[np.float32] = table[codes]
    return rows


def refuse_unknown(examples: Examples, kind: TargetKind, labels: Sequence[str], separator: str = ",") -> None:
    """Raise `DataError` when rows have labels that are not among `labels`: the first ten, with their rows."""
    if kind == "number":
        return
    known = frozenset(labels)
    unknown: Counter[str] = Counter()
    first = len(examples)
    encoded = examples.targets.dictionary_encode()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    counts = np.bincount(codes, minlength=len(encoded.dictionary))
    for code, cell in enumerate(encoded.dictionary.to_pylist()):
        strange = ({cell} if kind == "class" else read_labels(cell, separator)) - known
        for label in strange:
            unknown[label] += int(counts[code])
        if strange:
            first = min(first, int(np.flatnonzero(codes == code)[0]))
    if not unknown:
        return
    ranked = sorted(unknown.items(), key=lambda entry: (-entry[1], entry[0]))
    shown = ", ".join(f"{label} ({count:,})" for label, count in ranked[:_NAMED])
    more = len(ranked) - _NAMED
    raise DataError(
        "labels that training never saw, with their rows: {found}",
        "the model knows {labels}",
        where=examples.where(first),
        values={
            "found": shown + (f" … (+{more})" if more > 0 else ""),
            "labels": ", ".join(list(labels)[:_NAMED]) + (" …" if len(labels) > _NAMED else ""),
        },
    )


def strata(examples: Examples, kind: TargetKind, counts: Mapping[str, int]) -> npt.NDArray[np.int64]:
    """Number the rows (N,) so that a split can give each part its share of every number.

    A class is its own stratum; numbers fall into ten bins of about equal size; several labels go by their
    combination where that is common, else by the rarest label of the row. `counts` holds the rows of each label.
    """
    encoded = examples.targets.dictionary_encode()
    codes: npt.NDArray[np.int64] = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    if kind == "class":
        return codes
    if kind == "number":
        numbers = encode_targets(examples, kind, ())
        edges = np.quantile(numbers, np.linspace(0, 1, _BINS + 1)[1:-1])
        return np.searchsorted(np.unique(edges), numbers, side="right").astype(np.int64)
    rows = np.bincount(codes, minlength=len(encoded.dictionary))
    names = []
    for cell, count in zip(encoded.dictionary.to_pylist(), rows):
        given = read_labels(cell, ",")
        rarest = min(given, key=lambda label: (counts[label], label), default="")
        names.append(cell if count >= _COMMON_COMBINATION else f"rarest {rarest}")
    _, numbered = np.unique(np.array(names, dtype=object), return_inverse=True)
    return numbered.astype(np.int64)[codes]
