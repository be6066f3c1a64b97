"""What may be wrong with texts and labels taken together: repeats, contradictions, labels that are none."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.cards import conflicting_truths
from yeoul.data.columns import named_column
from yeoul.data.leaks import MOST_ROWS, leaks_of
from yeoul.data.mapped import by_block
from yeoul.data.near import MOST_EDITS
from yeoul.data.numbers import numbers_of
from yeoul.data.oddities import PLACES, Oddity, OddityKind, where_true
from yeoul.data.profiles import Profile
from yeoul.data.refusals import FEW_CLASSES, LEAST_ROWS_OF_A_CLASS, ROWS_PER_CLASS
from yeoul.data.splits import duplicate_groups
from yeoul.data.tables import Table
from yeoul.data.targets import TargetKind, read_labels
from yeoul.errors import DataError

_SEPARATORS = ";|,/"
_FEW_NUMBERS = 20
_SEVERAL_SHARE = 0.2
_UNEVEN = 0.9
_NAMED = 10
_OWNERS = (
    *(
        "author",
        "author_id",
        "user",
        "user_id",
        "userid",
        "username",
        "writer",
        "speaker",
        "speaker_id",
        "subject_id",
    ),
    *(
        "source",
        "patient",
        "patient_id",
        "customer",
        "customer_id",
        "document_id",
        "doc_id",
        "session_id",
        "group",
    ),
    *("작성자", "글쓴이", "저자", "사용자", "회원", "아이디", "출처", "화자", "환자", "고객", "기자", "매체"),
)
"""Usual names of columns that say whom or what several rows come from."""
Tables = Mapping[str, Table]


def guess_kind(table: Table, target: str, profile: Profile) -> tuple[TargetKind, str]:
    """Guess what the targets are, and what parts several labels of one row."""
    if profile.kind == "list":
        return "labels", ","
    if profile.kind in ("integer", "number"):
        numbers = numbers_of(table.columns[target].combine_chunks())
        whole = np.mod(numbers[np.isfinite(numbers)], 1) == 0
        return ("number" if profile.distinct > _FEW_NUMBERS or not whole.all() else "class"), ","
    for separator in _SEPARATORS:
        cells = table.columns[target]
        if pc.mean(pc.match_substring(cells, separator).cast(pa.int8())).as_py() < _SEVERAL_SHARE:
            continue
        distinct = cells.unique().to_pylist()
        labels = {label for cell in distinct for label in _labels_in(cell, separator)}
        if len(labels) < len(distinct) and len(labels) * ROWS_PER_CLASS <= table.rows:
            return "labels", separator
    return "class", ","


def count_labels(table: Table, target: str, kind: TargetKind, separator: str) -> dict[str, int]:
    """Count the rows of each label, as `Examples` spell it; the empty one is a row without."""
    counts: dict[str, int] = defaultdict(int)
    if kind != "number":
        counted = pc.value_counts(pc.utf8_trim_whitespace(pc.utf8_normalize(table.columns[target], "NFC")))
        for entry in counted.to_pylist():
            cell = entry["values"]
            for label in [cell] if kind == "class" else _labels_in(cell, separator) or [""]:
                counts[label] += entry["counts"]
    return dict(counts)


def _labels_in(cell: str, separator: str) -> frozenset[str]:
    """Return the labels of a cell; a list that cannot be read is one label, for want of a better."""
    try:
        return read_labels(cell, separator)
    except ValueError:
        return frozenset((cell,))


def _is_broken(cell: str, separator: str) -> bool:
    try:
        read_labels(cell, separator)
    except ValueError:
        return True
    return False


def scan_labels(tables: Tables, target: str, kind: TargetKind, counts: Mapping[str, int]) -> Iterator[Oddity]:
    """Look at the target column; `counts` holds the rows of each label."""
    if not target:
        return
    empty, places = 0, list[str]()
    for table in tables.values():
        truths = pc.equal(pc.utf8_trim_whitespace(table.columns[target]), "").to_numpy().astype(bool)
        empty += int(truths.sum())
        places += where_true(table, truths)
    if empty and kind != "labels":
        yield Oddity("empty label", empty, target, tuple(places[:PLACES]))
    labels = {label: count for label, count in counts.items() if label}
    rows = sum(labels.values())
    if kind == "number" or not labels:
        return
    if kind == "class" and len(labels) > max(FEW_CLASSES, rows // ROWS_PER_CLASS):
        yield Oddity("label like an identifier", rows, target, (), {"labels": len(labels)})
        return
    broken = [label for label in labels if kind == "labels" and _is_broken(label, ",")]
    if broken:
        count = sum(labels[label] for label in broken)
        yield Oddity("broken list", count, target, _places_of(tables, target, broken))
    rare = sorted(label for label, count in labels.items() if count < LEAST_ROWS_OF_A_CLASS)
    if rare:
        named = {"labels": ", ".join(rare[:_NAMED]), "classes": len(rare)}
        count = sum(labels[label] for label in rare)
        yield Oddity("rare label", count, target, _places_of(tables, target, rare), named)
    for alike in _variants(labels):
        fewest = alike[1:]
        count = sum(labels[label] for label in fewest)
        named = {"labels": ", ".join(alike)}
        yield Oddity("label variants", count, target, _places_of(tables, target, fewest), named)
    most = max(labels, key=lambda label: labels[label])
    if kind == "class" and labels[most] >= _UNEVEN * rows and len(labels) > 1:
        share = f"{100 * labels[most] / rows:.1f}"
        yield Oddity("imbalance", labels[most], target, (), {"label": most, "share": share})


def _variants(labels: Mapping[str, int]) -> list[list[str]]:
    """Return labels that differ in capitals, width or inner spaces only, the most frequent first."""
    alike: dict[str, list[str]] = defaultdict(list)
    for label in sorted(labels, key=lambda label: (-labels[label], label)):
        alike["".join(unicodedata.normalize("NFKC", label).casefold().split())].append(label)
    return [spellings for spellings in alike.values() if len(spellings) > 1]


def _places_of(tables: Tables, target: str, labels: list[str]) -> tuple[str, ...]:
    places: list[str] = []
    for table in tables.values():
        cells = pc.utf8_trim_whitespace(pc.utf8_normalize(table.columns[target], "NFC"))
        places += where_true(table, pc.is_in(cells, pa.array(labels)).to_numpy().astype(bool))
    return tuple(places[:PLACES])


def scan_owners(tables: Tables, named: str = "") -> Iterator[Oddity]:
    """Look for test rows that share an author, a source or the like with training rows.

    The column is the one that is `named`, else those with usual names whose cells are not all different.
    """
    if "test" not in tables:
        if named:
            raise DataError("there are no test rows", "name them with --test FILE")
        return
    others = [table for split, table in tables.items() if split != "test"]
    test = tables["test"]
    names = [name for name in test.columns if name.lower() in _OWNERS]
    for name in [named_column(test, named)] if named else names:
        known = [
            _trimmed(table.columns[named_column(table, name)])
            for table in others
            if named or name in table.columns
        ]
        if not known or (not named and all(pc.count_distinct(one).as_py() == len(one) for one in known)):
            continue
        cells = _trimmed(test.columns[name])
        values = pa.concat_arrays([chunk for one in known for chunk in one.chunks]).unique()
        truths = pc.and_(pc.is_in(cells, values), pc.not_equal(cells, "")).to_numpy().astype(bool)
        if truths.any():
            yield Oddity("same owner", int(truths.sum()), name, where_true(test, truths))


def _trimmed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.utf8_trim_whitespace(pc.utf8_normalize(column, "NFC"))


def scan_rows(tables: Tables, texts: pa.ChunkedArray, target: str) -> Iterator[Oddity]:
    """Look for empty, repeated and contradicting rows, and for test rows whose text is also among the others."""
    groups = duplicate_groups(texts)
    files = np.repeat(np.arange(len(tables)), [table.rows for table in tables.values()])
    splits = list(tables)

    def oddity(kind: OddityKind, truths: npt.NDArray[np.bool_]) -> Iterator[Oddity]:
        if truths.any():
            places: list[str] = []
            for index, table in enumerate(tables.values()):
                places += where_true(table, truths[files == index])
            yield Oddity(kind, int(truths.sum()), places=tuple(places[:PLACES]))

    empty = by_block(texts, lambda block: pc.equal(pc.utf8_trim_whitespace(block), ""))
    yield from oddity("empty text", empty)
    first = np.zeros(len(groups), bool)
    first[np.unique(groups, return_index=True)[1]] = True
    yield from oddity("duplicate", ~first)
    if target:
        columns = [table.columns[target] for table in tables.values()]
        targets = pa.chunked_array([chunk for column in columns for chunk in column.chunks])
        trimmed = pc.utf8_trim_whitespace(targets).combine_chunks()
        yield from oddity("conflicting", conflicting_truths(groups, trimmed))
    if "test" in splits:
        tested = files == splits.index("test")
        yield from oddity("overlap", tested & np.isin(groups, groups[~tested]))
        if len(texts) <= MOST_ROWS:
            leaks = [leak for leak in leaks_of(tables, texts, groups) if leak.edits]
            if leaks:
                places = tuple(f"{leak.row} ≈ {leak.known}" for leak in leaks[:PLACES])
                yield Oddity("near overlap", len(leaks), "", places, {"edits": MOST_EDITS})
