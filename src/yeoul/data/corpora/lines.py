"""A long text as a column of its lines, which may be larger than memory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from yeoul.data.composition import composed
from yeoul.data.encodings import Encoding, detect, read_utf8
from yeoul.data.mapped import gathered, walked
from yeoul.data.opening import shown_name
from yeoul.data.scratch import joined
from yeoul.data.sounds import is_sound_file, read_sound
from yeoul.errors import DataError, NoTextError

Counts = npt.NDArray[np.int64]
SOUND = "wav"
"""What the encoding of a sound is called."""
_BLOCK_BYTES = 1 << 22
_LINES_AT_ONCE = 1 << 16
_LONGEST_LINE = 40_000  # bytes; a longer one is cut where that changes no token
_NEWLINE, _SPACE = 10, 32


@dataclass(frozen=True, eq=False)
class Document:
    """One text, line by line: each line with its end, a very long one in pieces, together the text again.

    A file's lines are one chunk, those of a column as many as the table has.
    """

    name: str
    lines: pa.ChunkedArray
    encoding: str
    detected: bool = True

    @property
    def sizes(self) -> Counts:
        """Return the bytes of every line."""
        sizes: Counts = pc.binary_length(self.lines).to_numpy().astype(np.int64)
        return sizes


def read_document(path: Path, encoding: str = "auto", *, closed: bool = False) -> Document:
    """Read a file of text, or a sound as one; line ends become "\\n", letters are composed (NFC).

    The last line of a text that is `closed` has an end, so that what comes after it does not stick to it. Raises
    `DataError` for a file that is no text, or empty.
    """
    name = shown_name(path)
    if is_sound_file(path):
        sound = [*read_sound(path), *["\n"] * closed]
        return Document(name, pa.chunked_array([sound], pa.large_string()), SOUND)
    found = _detected(path, encoding)
    blocks = _with_one_line_end(read_utf8(path, found))
    lines = _lines(joined(_closed(blocks) if closed else blocks))
    whole = pa.chunked_array([lines])
    if not any(pc.any(pc.not_equal(pc.utf8_trim_whitespace(block), "")).as_py() for block in slices(whole)):
        raise DataError("the file holds no text", "name another file", where=name)
    return Document(name, _composed(whole), found.name, found.detected)


def _detected(path: Path, encoding: str) -> Encoding:
    """Return a text's encoding; what is to be done about another file is not what is to be done about a table."""
    try:
        return detect(path, encoding)
    except NoTextError as error:
        remedy = "name a text in UTF-8 or CP949, or a sound as .wav"
        raise DataError(error.problem, remedy, where=error.where, values=error.values) from error


def document(name: str, text: str, encoding: str = "utf-8") -> Document:
    """Return a text that is at hand already."""
    lines = _lines(joined(_with_one_line_end(text.encode("utf-8"))))
    return Document(name, _composed(pa.chunked_array([lines])), encoding)


def without_ends(lines: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return lines without their ends; many of them lie on the disk."""
    return gathered((pc.utf8_rtrim(each, "\n") for each in slices(lines)), pa.large_string())


def with_ends(lines: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return lines with an end after each; many of them lie on the disk."""
    nothing = pa.scalar("", pa.large_string())
    newline = pa.scalar("\n", pa.large_string())
    found = (pc.binary_join_element_wise(each, nothing, newline) for each in slices(lines))
    return gathered(found, pa.large_string())


def slices(lines: pa.ChunkedArray) -> Iterator[pa.Array]:
    """Yield lines some ten thousand at a time."""
    for chunk in lines.chunks:
        for first in range(0, len(chunk), _LINES_AT_ONCE):
            yield chunk[first : first + _LINES_AT_ONCE]


def memory_of(lines: pa.LargeStringArray) -> tuple[Counts, memoryview]:
    """Return the bytes of every line, and all of them end to end."""
    _, places, content = lines.buffers()
    offsets = np.frombuffer(places, np.int64)[lines.offset : lines.offset + len(lines) + 1]
    held = memoryview(b"") if content is None else memoryview(content)
    return np.diff(offsets), held[offsets[0] : offsets[-1]]


def whole_lines(lines: pa.LargeStringArray) -> pa.LargeStringArray:
    """Put the pieces of very long lines together again."""
    if not len(lines):
        return lines
    last = pc.ends_with(lines, "\n").to_numpy(zero_copy_only=False)
    last[-1] = True
    if last.all():
        return lines
    ends = np.flatnonzero(last) + 1
    offsets = np.frombuffer(lines.buffers()[1], np.int64)[lines.offset : lines.offset + len(lines) + 1]
    kept = np.concatenate([offsets[:1], offsets[ends]])
    return pa.LargeStringArray.from_buffers(len(ends), pa.py_buffer(kept), lines.buffers()[2])


def _with_one_line_end(content: bytes | memoryview) -> Iterator[bytes]:
    """Yield a text in blocks, its line ends all "\\n"."""
    torn = False
    for first in range(0, len(content), _BLOCK_BYTES):
        block = bytes(content[first : first + _BLOCK_BYTES])
        if torn:  # the block before has ended between \r and \n
            block = block.removeprefix(b"\n")
        torn = block.endswith(b"\r")
        yield block.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in block else block


def _closed(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a text in blocks, its last line with an end."""
    last = b""
    for block in blocks:
        yield block
        last = block or last
    if last and not last.endswith(b"\n"):
        yield b"\n"


def _composed(lines: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the lines of a text in composed form, those of a file that is not so copied as a file."""
    if all(composed(block) is block for block in walked(slices(lines))):
        return lines
    return pa.chunked_array([_lines(joined(bytes(memory_of(composed(block))[1]) for block in slices(lines)))])


def _lines(content: bytes | memoryview) -> pa.LargeStringArray:
    """Return the lines of a text in UTF-8, without copying it."""
    letters = np.frombuffer(content, np.uint8)
    ends = [np.zeros(1, np.int64)]
    for first in range(0, len(letters), _BLOCK_BYTES):
        ends.append(np.flatnonzero(letters[first : first + _BLOCK_BYTES] == _NEWLINE) + first + 1)
    offsets = np.concatenate(ends)
    if offsets[-1] < len(letters):
        offsets = np.append(offsets, len(letters))
    long = np.flatnonzero(np.diff(offsets) > _LONGEST_LINE)
    cuts = [_cuts(letters, int(offsets[line]), int(offsets[line + 1])) for line in long.tolist()]
    if cuts:
        offsets = np.sort(np.concatenate([offsets, *cuts]).astype(np.int64))
    buffers = (pa.py_buffer(offsets), pa.py_buffer(content))
    return pa.LargeStringArray.from_buffers(len(offsets) - 1, *buffers)


def _cuts(letters: npt.NDArray[np.uint8], begin: int, end: int) -> Sequence[int]:
    """Return where a long line is cut: before a space, or where there is none between two characters."""
    cuts = list[int]()
    while end - begin > _LONGEST_LINE:
        window = letters[begin + 1 : begin + _LONGEST_LINE]
        spaces = np.flatnonzero(window == _SPACE)
        starts = spaces if len(spaces) else np.flatnonzero((window & 0xC0) != 0x80)
        begin += int(starts[-1]) + 1
        cuts.append(begin)
    return cuts
