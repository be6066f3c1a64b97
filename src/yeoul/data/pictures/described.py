"""Read which captions belong to which picture: a table, lines as those of Flickr8k, or the JSON of COCO."""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from yeoul.data.columns import Columns, expanded_names, named_column
from yeoul.data.encodings import Encoding, detect, read_utf8
from yeoul.data.opening import open_bytes, shown_name
from yeoul.data.pairs.lines import read_lines
from yeoul.data.readers import read_table
from yeoul.data.tables import Table
from yeoul.errors import DataError
from yeoul.recipe import DataRecipe

PICTURE_NAMES = (
    *(
        "image",
        "file",
        "filename",
        "file_name",
        "image_name",
        "image_path",
        "path",
        "picture",
        "photo",
        "img",
    ),
    *("image_id", "그림", "사진", "이미지", "파일", "파일명", "파일 이름", "경로"),
)
"""Usual names of the column that names the picture, the likeliest first."""
CAPTION_NAMES = (
    *("caption", "captions", "text", "description", "sentence", "sentences", "comment", "raw"),
    *("설명", "캡션", "설명문", "문장", "글"),
)
"""Usual names of the column of the captions, the likeliest first."""
_SPLIT_NAMES = ("split", "set", "subset", "part", "partition", "분할")
SPLIT_OF: Mapping[str, str] = {
    **dict.fromkeys(("train", "training", "restval", "학습", "훈련"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev", "검증"), "validation"),
    **dict.fromkeys(("test", "시험", "테스트"), "test"),
}
"""What the parts of a set are called."""
_NUMBERED = re.compile(r"(\S.*)#\d+\t(.*)")
_HEAD_BYTES = 1 << 14


@dataclass(frozen=True)
class Described:
    """Pictures in the order in which they are first named, with what is said of them."""

    captions: Mapping[str, tuple[str, ...]]
    """Of each picture, in composed form (NFC) and without spaces around them; at least one."""
    columns: Columns
    encoding: Encoding
    splits: Mapping[str, str] = field(default_factory=dict)
    """Of each picture, where the set has official ones."""
    blank: int = 0
    """Rows without a picture or without a caption."""
    non_nfc: int = 0
    """Captions that had to be composed."""
    unlisted: int = 0
    """Pictures that are in no official part, and left out."""

    def listed(self, parts: Mapping[str, Iterable[str]]) -> "Described":
        """Return the pictures that are in one of the parts, and what part that is."""
        splits = {name: part for part, names in parts.items() for name in names if name in self.captions}
        kept = {name: texts for name, texts in self.captions.items() if name in splits}
        unlisted = len(self.captions) - len(kept)
        return replace(self, captions=kept, splits=splits, unlisted=unlisted)


def read_descriptions(path: Path, recipe: DataRecipe) -> Described:
    """Read a file of captions, whatever its form; raise `DataError` for what is none."""
    if _is_numbered(path):
        return _read_numbered(path, recipe.encoding)
    if path.suffix.lower() == ".json":
        content = _json_object(path)
        if content is not None:
            return _read_object(content, shown_name(path))
    table = read_table(
        path,
        encoding=recipe.encoding,
        separator=recipe.separator,
        columns=expanded_names(recipe.columns),
    )
    return described_by(table, recipe.inputs, recipe.target)


def described_by(table: Table, inputs: Sequence[str], target: str) -> Described:
    """Return what a table tells; its columns are those that are named, else those with usual names."""
    columns = _columns(table, inputs, target)
    splits = _splits(table)
    cells = [table.columns[name].to_pylist() for name in (columns.inputs[0], columns.target)]
    parts = table.columns[splits].to_pylist() if splits else [""] * table.rows
    rows = [(name, text, part) for name, cell, part in zip(*cells, parts) for text in _texts(cell)]
    return _gathered(rows, columns, table.encoding, table.blank)


def read_names(path: Path) -> list[str]:
    """Read the names of pictures, one a line."""
    return [_name(line) for line in read_lines(path)[0] if line.strip()]


def _gathered(
    rows: Iterable[tuple[str, str, str]], columns: Columns, encoding: Encoding, blank: int = 0
) -> Described:
    """Put rows of picture, caption and part together by picture."""
    captions: dict[str, list[str]] = {}
    splits: dict[str, str] = {}
    non_nfc = 0
    for given, said, part in rows:
        name, text = _name(given), unicodedata.normalize("NFC", said).strip()
        if not name or not text:
            blank += 1
            continue
        non_nfc += text != said.strip()
        captions.setdefault(name, []).append(text)
        if part.strip():
            splits.setdefault(name, SPLIT_OF[part.strip().lower()])
    kept = {name: tuple(texts) for name, texts in captions.items()}
    found = Described(kept, columns, encoding, blank=blank, non_nfc=non_nfc)
    by_part = {
        part: [name for name in splits if splits[name] == part] for part in dict.fromkeys(splits.values())
    }
    return found.listed(by_part) if by_part else found


def _name(given: str) -> str:
    return unicodedata.normalize("NFC", given.strip().replace("\\", "/")).removeprefix("./")


def _is_numbered(path: Path) -> bool:
    """Tell whether the first lines are like `child.jpg#0<tab>A child runs`."""
    with open_bytes(path) as file:
        lines = file.read(_HEAD_BYTES).decode("utf-8-sig", "replace").splitlines()[:20]
    filled = [line for line in lines if line.strip()][:5]
    return bool(filled) and all(_NUMBERED.fullmatch(line) for line in filled)


def _read_numbered(path: Path, wanted: str) -> Described:
    lines, encoding = read_lines(path, wanted)
    columns = Columns(("image",), "caption", guessed_inputs=True, guessed_target=True)
    return _gathered(_numbered(lines, shown_name(path)), columns, encoding)


def _numbered(lines: Sequence[str], name: str) -> Iterator[tuple[str, str, str]]:
    for number, line in enumerate(lines, 1):
        match = _NUMBERED.fullmatch(line)
        if match is not None:
            yield match[1], match[2], ""
        elif line.strip():
            raise DataError(
                "the line has no name of a picture with a number before a tab",
                "write it as child.jpg#0, a tab and the caption",
                where=f"{name}:{number}",
            )


def _json_object(path: Path) -> dict[str, Any] | None:
    """Return the one object of a file; None where the file is a list, lines of objects, or no JSON."""
    text = bytes(read_utf8(path, detect(path))).decode("utf-8")
    if not text.lstrip().startswith("{"):
        return None
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) and isinstance(content.get("images"), list) else None


def _read_object(content: Mapping[str, Any], name: str) -> Described:
    """Read the form of COCO (images and annotations), or of Karpathy and Li (images with sentences)."""
    columns = Columns(("file_name",), "caption", guessed_inputs=True, guessed_target=True)
    try:
        rows = list(_annotated(content) if "annotations" in content else _with_sentences(content))
        return _gathered(rows, columns, Encoding("utf-8", detected=True))
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(
            "the file has images, but not as COCO tells them: {reason} is missing or of another kind",
            "write a table with the columns image and caption",
            where=name,
            values={"reason": str(error)},
        ) from error


def _annotated(content: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    names = {image["id"]: image["file_name"] for image in content["images"]}
    for note in content["annotations"]:
        yield names[note["image_id"]], note["caption"], ""


def _with_sentences(content: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for image in content["images"]:
        folder = image.get("filepath", "")
        name = f"{folder}/{image['filename']}" if folder else image["filename"]
        part = image.get("split", "")
        for sentence in image["sentences"]:
            yield name, sentence["raw"], part if part in SPLIT_OF else ""


def _texts(cell: str) -> list[str]:
    """Return the captions of a cell: a list where it holds one as JSON writes it."""
    if cell.startswith("[") and cell.rstrip().endswith("]"):
        try:
            texts = json.loads(cell)
        except (ValueError, RecursionError):
            return [cell]
        if all(isinstance(text, str) for text in texts):
            return texts or [""]
    return [cell]


def _columns(table: Table, inputs: Sequence[str], target: str) -> Columns:
    if len(inputs) > 1:
        raise DataError(
            "one column names the picture, but {count} are named",
            "name one with --input",
            where=table.name,
            values={"count": len(inputs)},
        )
    picture = named_column(table, inputs[0]) if inputs else _usual(table, PICTURE_NAMES, target)
    caption = named_column(table, target) if target else _usual(table, CAPTION_NAMES, picture)
    rest = [name for name in table.columns if name not in (picture, caption)]
    if len(rest) == 1 and bool(picture) != bool(caption):
        picture, caption = picture or rest[0], caption or rest[0]
    if not picture or not caption or picture == caption:
        raise DataError(
            "no columns are known to be picture and caption; the columns are {columns}",
            "name them with --input and --target; without a header, name all columns with data.columns",
            where=table.name,
            values={"columns": ", ".join(list(table.columns)[:12])},
        )
    return Columns((picture,), caption, guessed_inputs=not inputs, guessed_target=not target)


def _usual(table: Table, known: Iterable[str], taken: str) -> str:
    by_lower = {name.lower(): name for name in reversed(list(table.columns)) if name != taken}
    return next((by_lower[name] for name in known if name in by_lower), "")


def _splits(table: Table) -> str:
    """Return the column that tells the part of each row, where one does."""
    name = _usual(table, _SPLIT_NAMES, "")
    if not name:
        return ""
    found: pa.Array = table.columns[name].unique()
    parts = {str(part).strip().lower() for part in found.to_pylist()} - {""}
    return name if parts and parts <= SPLIT_OF.keys() else ""
