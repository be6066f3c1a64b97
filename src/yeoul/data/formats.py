"""Tell what a file is by its first bytes, and refuse what holds no rows of text."""

import re
from pathlib import Path

from yeoul.errors import DataError, NoTextError

HEAD_BYTES = 4096
PARQUET = b"PAR1"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_SOUNDS = (b"ID3", b"fLaC", b"OggS", b"RIFF")
_PACKED = (b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf\x27\x1c", b"Rar!", _ZIP, b"\x1f\x8b\x08")
_STORES = (
    b"SQLite format 3\0",
    b"\x89HDF\r\n",
    b"\x93NUMPY",
    b"ARROW1",
    b"FEA1",
    b"Obj\x01",
    b"ORC",
    b"PARE",
)
_PAGE = re.compile(rb"\s*(\xef\xbb\xbf)?\s*<(!doctype\s+html|html|\?xml)\b", re.IGNORECASE)
_JSON_NAMES = (".jsonl", ".ndjson", ".json")
_OBJECT = re.compile(r"\s*\{\s*[\"}]")
_LIST = re.compile(r"\s*\[\s*[\{\]]")


def refuse_other_kinds(head: bytes, name: str) -> None:
    """Raise `DataError` when the first bytes of a file are those of something else than a text."""
    if head.startswith(_OLD_OFFICE) or (
        head.startswith(_ZIP) and (b"[Content_Types].xml" in head or b"xl/" in head)
    ):
        raise NoTextError(
            "this is an Excel workbook or another office document, whatever its name",
            "save it in Excel as CSV UTF-8",
            where=name,
        )
    if head.startswith(b"%PDF"):
        raise NoTextError("this is a PDF document", "save its table as CSV UTF-8", where=name)
    if head.startswith(_PACKED) or head[257:262] == b"ustar":
        raise DataError("this is a packed archive", "unpack it and name the file inside", where=name)
    binary = b"\0" in head or not head.isascii()
    if binary and head.startswith(_PICTURES) and not _is_text(head):
        raise NoTextError("this is a picture", "name a file of texts and labels", where=name)
    if binary and head.startswith(_SOUNDS) and not _is_text(head):
        raise NoTextError("this is a sound or a film", "name a file of texts and labels", where=name)
    if head.startswith(_STORES) and not _is_text(head):
        raise NoTextError(
            "this is a file of another program, not a table of texts",
            "save its rows as CSV UTF-8 or Parquet",
            where=name,
        )
    if _PAGE.match(head):
        raise DataError(
            "this is a web page or XML, not a table",
            "fetch the file itself, not the page about it",
            where=name,
        )


def is_json(path: Path, head: str) -> bool:
    """Tell whether a text that begins with `head` is JSON: it begins so, or its name says it and it seems so."""
    if _OBJECT.match(head) or _LIST.match(head):
        return True
    first = head.lstrip("\ufeff \t\r\n")
    named = Path(path.name.lower().removesuffix(".gz")).suffix in _JSON_NAMES
    return named and (first.startswith(("{", "[")) or not re.search(r"[,;\t|]", first.partition("\n")[0]))


def _is_text(head: bytes) -> bool:
    """Tell whether the bytes are UTF-8 without NUL, but for a character that is cut at the end."""
    try:
        return "\0" not in head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.end == len(head) >= HEAD_BYTES and b"\0" not in head
