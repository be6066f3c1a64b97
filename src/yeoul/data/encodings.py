"""Tell how the bytes of a file spell its text: by its byte order mark, as UTF-8, or as CP949."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from yeoul.data.formats import HEAD_BYTES, refuse_other_kinds
from yeoul.data.opening import existing_file, open_bytes, shown_name
from yeoul.data.scratch import joined
from yeoul.errors import DataError, NoTextError, UsageError

_BLOCK_BYTES = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMES = {"iso8859-1": "latin-1", "euc_kr": "euc-kr"}


@dataclass(frozen=True)
class Encoding:
    """A codec by Python's name, and whether it was detected or given."""

    name: str
    detected: bool


@dataclass(frozen=True)
class _BadByte:
    offset: int  # bytes from the beginning of the file
    line: int  # counted from 1
    value: int


def detect(path: Path, wanted: str = "auto") -> Encoding:
    """Return the encoding in which the whole file can be read, or check the `wanted` one.

    "auto" tries a byte order mark, then strict UTF-8, then strict CP949 (which contains EUC-KR). The file is
    read in blocks, so memory does not grow with it; a gzip file is read through gzip.

    Raises `DataError` for bytes that do not fit, NUL characters and files that are no text, and `UsageError`
    for a codec that does not exist.
    """
    path = existing_file(path)
    name = shown_name(path)
    with open_bytes(path) as file:
        head = file.read(HEAD_BYTES)
    refuse_other_kinds(head, name)
    marked = next((codec for mark, codec in _MARKS if head.startswith(mark)), "")
    if wanted != "auto":
        codec = _canonical(wanted)
        codec = marked if codec == "utf-8" and marked == "utf-8-sig" else codec
        bad = _first_bad_byte(path, codec)
        if bad is None:
            return Encoding(codec, detected=False)
        raise DataError(
            "byte 0x{value:02X} at offset {offset} does not fit the encoding {encoding}",
            "leave out --encoding, or name another",
            where=f"{name}:{bad.line}",
            values={"value": bad.value, "offset": bad.offset, "encoding": codec},
        )
    if not marked:
        _refuse_unmarked_utf16(head, name)
    furthest = _BadByte(-1, 0, 0)
    for codec in (marked,) if marked else ("utf-8", "cp949"):
        bad = _first_bad_byte(path, codec)
        if bad is None:
            return Encoding(codec, detected=True)
        furthest = max(furthest, bad, key=lambda each: each.offset)
    if marked:
        raise DataError(
            "byte 0x{value:02X} at offset {offset} does not fit {encoding}, which the byte order mark names",
            "save the file again as CSV UTF-8",
            where=f"{name}:{furthest.line}",
            values={"value": furthest.value, "offset": furthest.offset, "encoding": marked},
        )
    if b"\0" in head:
        raise NoTextError("this is no text file", "save its rows as CSV UTF-8 or Parquet", where=name)
    raise DataError(
        "byte 0x{value:02X} at offset {offset} is neither UTF-8 nor CP949",
        "name the encoding, for example `--encoding latin-1`",
        where=f"{name}:{furthest.line}",
        values={"value": furthest.value, "offset": furthest.offset},
    )


def read_utf8(path: Path, encoding: Encoding) -> bytes | memoryview:
    """Return the content of a file that `detect` has checked, as UTF-8 without a byte order mark.

    What is large lies on the disk and is mapped into memory, so that memory does not grow with the file.
    """
    content = joined(_blocks_as_utf8(path, encoding))
    return content[len(codecs.BOM_UTF8) :] if content[:3] == codecs.BOM_UTF8 else content


def _blocks_as_utf8(path: Path, encoding: Encoding) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding.name)()
    with open_bytes(path) as file:
        while block := file.read(_BLOCK_BYTES):
            yield block if encoding.name == "utf-8" else decoder.decode(block).encode("utf-8")
    try:
        yield decoder.decode(b"", final=True).encode("utf-8")
    except UnicodeError:
        raise file_changed(shown_name(path)) from None


def file_changed(name: str) -> DataError:
    """Return the error that a file did not stay as it was while it was read."""
    return DataError(
        "the file changed while it was read", "read it again when nothing writes to it", where=name
    )


def _canonical(wanted: str) -> str:
    try:
        name = codecs.lookup(wanted).name
        codecs.getincrementaldecoder(name)
        b"a ".decode(name, "ignore")  # only codecs from bytes to text pass
    except (LookupError, ValueError):
        raise UsageError(
            "there is no text encoding {wanted!r}",
            "try auto, utf-8, cp949, utf-16 or latin-1",
            where="data.encoding",
            values={"wanted": wanted},
        ) from None
    return _NAMES.get(name, name)


def _first_bad_byte(path: Path, codec: str) -> _BadByte | None:
    """Decode the file in blocks; raise `DataError` at the first NUL character."""
    # Python's utf-8-sig reports offsets without the mark; as UTF-8 the mark is a character like others.
    decoder = codecs.getincrementaldecoder("utf-8" if codec == "utf-8-sig" else codec)()
    done, line = 0, 1
    with open_bytes(path) as file:
        more = True
        while more:
            block = file.read(_BLOCK_BYTES)
            more = bool(block)
            state = decoder.getstate()
            pending = len(state[0])
            try:
                text = decoder.decode(block, final=not more)
            except UnicodeDecodeError as error:
                decoder.setstate(state)
                before = decoder.decode(block[: max(0, error.start - pending)])
                value = error.object[error.start]
                return _BadByte(done - pending + error.start, line + before.count("\n"), value)
            except UnicodeError:  # of utf-16 and utf-32, without a byte order mark
                return _BadByte(0, 1, block[0] if block else 0)
            if "\0" in text:
                raise DataError(
                    "the file holds a NUL character, which no text has",
                    "save it as CSV UTF-8, or name its encoding with --encoding",
                    where=f"{shown_name(path)}:{line + text[: text.index(chr(0))].count(chr(10))}",
                )
            done += len(block)
            line += text.count("\n")
    return None


def _refuse_unmarked_utf16(head: bytes, name: str) -> None:
    """Name the likely encoding where every second byte is zero for long stretches."""
    pairs = max(1, len(head) // 2)
    for codec, zeros in (("utf-16-le", head[1::2].count(0)), ("utf-16-be", head[0::2].count(0))):
        if zeros >= 4 and zeros > 0.2 * pairs and zeros > 0.9 * head.count(0):
            raise DataError(
                "this looks like UTF-16 without a byte order mark",
                "add `--encoding {codec}`",
                where=name,
                values={"codec": codec},
            )
