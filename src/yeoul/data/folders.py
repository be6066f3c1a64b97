"""Read a folder of texts: a folder for each class with a file a text, or a file for each class with a text a line."""

import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from yeoul.data.encodings import Encoding, detect, read_utf8
from yeoul.data.mapped import Gathered
from yeoul.data.opening import shown_name
from yeoul.data.tables import Facts, Reading, row_batch, row_schema
from yeoul.errors import DataError

COLUMNS = ("text", "label", "file")
_TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet", ".gz", ".zip")
_BLOCK_BYTES = 1 << 22


@dataclass(frozen=True)
class _Text:
    text: str
    label: str
    file: str
    number: int


def read_folder(path: Path, encoding: str = "auto", classes: Sequence[str] = ()) -> Reading:
    """Read the columns text, label and file; the label is the name of a text's folder, or of its file.

    Folders and files are taken in the order of their names, hidden ones not at all; each file has an encoding
    of its own where that is detected. With `classes`, just the folders of these names are read, and what lies
    beside them is not looked at. Raises `DataError` for what is neither kind of folder, and for a file that is
    no text.
    """
    name = shown_name(path)
    inside = _listed(path)
    folders = [each for each in inside if each.is_dir() and (not classes or shown_name(each) in classes)]
    files = [each for each in inside if not each.is_dir()]
    absent = sorted(set(classes) - {shown_name(each) for each in folders})
    if absent:
        raise DataError(
            "the folder has no folder {name}",
            "name the folder above it",
            where=name,
            values={"name": absent[0]},
        )
    if folders and files and not classes:
        raise DataError(
            "beside the folders of the classes lies the file {file} ({count} such files)",
            "move it elsewhere",
            where=name,
            values={"file": shown_name(files[0]), "count": len(files)},
        )
    collected = _Collected(encoding)
    if folders:
        for folder in folders:
            collected.add_class(folder, name)
    else:
        _refuse_tables(files, name)
        for file in files:
            collected.add_lines(file)
    return collected.reading(name)


class _Collected:
    """Texts put aside, and what is known about all of them."""

    def __init__(self, encoding: str) -> None:
        self.rows = Gathered(row_schema(len(COLUMNS)))
        self._encoding = encoding
        self._found: dict[str, Encoding] = {}
        self._block: list[_Text] = []
        self._bytes = 0
        self._count = 0
        self._blank = 0

    def add_class(self, folder: Path, name: str) -> None:
        """Add a text for each file of the folder."""
        files = _listed(folder)
        label = shown_name(folder)
        if not files:
            raise DataError(
                "the folder of the class {label} is empty",
                "put its texts into it, or remove it",
                where=name,
                values={"label": label},
            )
        for file in files:
            if file.is_dir():
                raise DataError(
                    "the class {label} holds the folder {inner}, where a file a text is expected",
                    "name the folder whose folders are the classes",
                    where=name,
                    values={"label": label, "inner": shown_name(file)},
                )
            text = self._read(file).rstrip("\r\n")
            self._add(_Text(text, label, f"{label}/{shown_name(file)}", self._count + 1))

    def add_lines(self, file: Path) -> None:
        """Add a text for each line of the file that is not blank."""
        label = unicodedata.normalize("NFC", file.stem).strip()
        lines = re.split(r"\r\n|\r|\n", self._read(file))
        while lines and not lines[-1].strip():
            lines.pop()
        for number, line in enumerate(lines, 1):
            if line.strip():
                self._add(_Text(line, label, shown_name(file), number))
            else:
                self._blank += 1

    def reading(self, name: str) -> Reading:
        self._flush()
        if not self._count:
            raise DataError("the folder holds no texts", "name a folder with texts in it", where=name)
        names = sorted({found.name for found in self._found.values()})
        detected = any(found.detected for found in self._found.values())
        return Reading(
            Facts(COLUMNS, Encoding(", ".join(names), detected), "", "folder", self._blank), self.rows
        )

    def _read(self, file: Path) -> str:
        found = detect(file, self._encoding)
        self._found.setdefault(found.name, found)
        return bytes(read_utf8(file, found)).decode("utf-8")

    def _add(self, text: _Text) -> None:
        self._block.append(text)
        self._count += 1
        self._bytes += len(text.text)
        if self._bytes > _BLOCK_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._block:
            cells = ([each.text for each in self._block], [each.label for each in self._block])
            columns = [pa.array(each, pa.string()) for each in (*cells, [each.file for each in self._block])]
            self.rows.add(row_batch([each.number for each in self._block], columns))
        self._block, self._bytes = [], 0


def source_files(path: Path) -> Iterator[Path]:
    """Yield the files that a source consists of, in order: the file itself, or those of a folder of texts."""
    if not path.is_dir():
        yield path
        return
    for inside in _listed(path):
        yield from source_files(inside)


def _listed(folder: Path) -> list[Path]:
    """Return what a folder holds, hidden things left out, by its composed names."""
    try:
        names = [name for name in os.listdir(folder) if not name.startswith(".")]
    except OSError as error:
        raise DataError(
            "the folder cannot be read: {reason}",
            "check its permissions",
            where=shown_name(folder),
            values={"reason": error.strerror or type(error).__name__},
        ) from error
    return [
        folder / name for name in sorted(names, key=lambda name: (unicodedata.normalize("NFC", name), name))
    ]


def _refuse_tables(files: Sequence[Path], name: str) -> None:
    tables = [file for file in files if file.suffix.lower() in _TABLES]
    if tables or len(files) == 1:
        raise DataError(
            "this is a folder, and {file} in it is not one of several classes",
            "name one file in it",
            where=name,
            values={"file": shown_name((tables or list(files))[0])},
        )
