"""Long texts as streams of token ids, cut into windows whose targets are the tokens that follow.

Of N tokens each is a target exactly once; the first is told after `start`, an id that stands for what is before a
text. Three ways of cutting: *lanes*, the stream in B even parts that are read side by side, step k the k-th window of
each, so that a state may be carried along; *windows*, in any order, each by itself; *documents*, each a row of its own.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar, final

import numpy as np
import numpy.typing as npt
import torch

from yeoul.data.batches import Batch, bucketed_order
from yeoul.data.scratch import LARGE_BYTES, let_go, mapped, scratch_folder
from yeoul.data.tokens import TokenRows
from yeoul.files import full_disk_named
from yeoul.padded import Padded
from yeoul.text.normalization import Span

Ids = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int64]
Sizes = npt.NDArray[np.integer]
Scalar = TypeVar("Scalar", bound=np.generic)

_LONGEST_LINE = 10_000
_TOKENS_AT_ONCE = 1 << 22
_TEXTS_AT_ONCE = 10_000
_BYTE_BOUNDS = np.array([0x80, 0x800, 0x10000], np.uint32)  # code points from which UTF-8 takes a byte more


@final
@dataclass(frozen=True, eq=False)
class StreamRows:
    """Windows of a stream: row i holds the targets `ids[begins[i]:begins[i] + lengths[i]]`."""

    ids: Ids  # (N,) may be mapped from a file: only what is touched is read
    start: int
    begins: Counts  # (R,)
    lengths: Counts  # (R,)
    lanes: int | None = None
    """How many rows make a step where states are carried: rows i and i + 1 then follow one another in the text."""

    @classmethod
    def in_lanes(cls, ids: Ids, start: int, window: int, lanes: int) -> "StreamRows":
        """Cut a stream into so many lanes, equal but for a token, and each into windows.

        Row l · K + k is window k of lane l, K windows a lane; those at a lane's end may be shorter, also empty.
        """
        ends = np.arange(lanes + 1) * len(ids) // lanes
        windows = max(1, -(-int(np.diff(ends).max()) // window))
        begins = ends[:-1, None] + np.arange(windows) * window  # (lanes, K)
        lengths = np.clip(ends[1:, None] - begins, 0, window)
        return cls(ids, start, np.minimum(begins, ends[1:, None]).ravel(), lengths.ravel(), lanes)

    @classmethod
    def in_windows(cls, ids: Ids, start: int, window: int) -> "StreamRows":
        """Cut a stream into windows, the last of which may be shorter."""
        return cls.in_documents(ids, start, np.array([0, len(ids)]), window)

    @classmethod
    def in_documents(cls, ids: Ids, start: int, offsets: Counts, window: int) -> "StreamRows":
        """Make each of D documents, `ids[offsets[i]:offsets[i + 1]]`, a row, or several where it exceeds `window`."""
        sizes = np.diff(offsets)
        parts = -(-sizes // window)  # (D,)
        nth = np.arange(parts.sum()) - np.repeat(np.cumsum(parts) - parts, parts)
        begins = np.repeat(offsets[:-1], parts) + nth * window
        return cls(ids, start, begins, np.minimum(np.repeat(offsets[1:], parts) - begins, window))

    def __len__(self) -> int:
        return len(self.begins)

    def order(self, batch_size: int, seed: int, epoch: int) -> list[Counts]:
        """Return the rows of each batch of an epoch; lanes have but one order, whatever seed and epoch."""
        if self.lanes is None:
            return bucketed_order(self.lengths, batch_size, seed, epoch)
        if batch_size != self.lanes:
            raise ValueError(f"{self.lanes} lanes cannot be read in batches of {batch_size}")
        return list(np.arange(len(self)).reshape(self.lanes, -1).T)

    def batch(self, rows: Counts) -> Batch:
        """Assemble the given rows: what is read is called "text" (B, T), the targets (B, T) are what follows."""
        lengths = self.lengths[rows]
        longest = int(lengths.max(initial=0))
        steps = np.arange(longest)
        places = np.where(steps < lengths[:, None], self.begins[rows][:, None] + steps, 0)  # (B, T)
        real = steps < lengths[:, None]
        targets = np.where(real, self.ids[places], 0).astype(np.int64)
        read = np.where(places > 0, self.ids[places - 1], self.start)
        read = np.where(real, read, 0).astype(np.int64)
        text = Padded(torch.from_numpy(read), torch.from_numpy(lengths))
        return Batch({"text": text}, torch.from_numpy(targets), torch.from_numpy(rows))


def joined_ids(documents: TokenRows, end: int | None) -> tuple[Ids, Counts]:
    """Return the ids of all documents one after another (N,) and their offsets (D + 1,), each closed by `end`.

    Without an end token the ids are those of `documents` themselves. More than 64 MB of new ids go to a file as
    `put_aside` does it.
    """
    if end is None:
        return documents.ids, documents.offsets
    offsets = documents.offsets + np.arange(len(documents) + 1)
    size = int(offsets[-1]) * 4
    if size <= LARGE_BYTES:
        return np.concatenate([np.empty(0, np.int32), *_closed(documents, end)]), offsets
    folder = scratch_folder()
    with full_disk_named(folder, size), tempfile.TemporaryFile(dir=folder) as file:
        for block in _closed(documents, end):
            file.write(block.data)
            let_go()
        file.flush()
        return np.frombuffer(mapped(file), np.int32), offsets


def put_aside(values: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
    """Return an array as it is, or one of more than 64 MB from a file that is gone with the process.

    The file is mapped into memory, and the array cannot be written to. Raises `DiskFullError` when the disk has no
    room for it.
    """
    if values.nbytes <= LARGE_BYTES or not all(values.strides):  # one value that stands for all takes no room
        return values
    folder = scratch_folder()
    with full_disk_named(folder, values.nbytes), tempfile.TemporaryFile(dir=folder) as file:
        file.write(np.ascontiguousarray(values).view(np.uint8).data)
        file.flush()
        return np.frombuffer(mapped(file), values.dtype)


def token_sizes(
    texts: Iterable[str], spans: Callable[[str], list[Span]], *, closed: bool
) -> tuple[Sizes, Sizes]:
    """Return the characters and the UTF-8 bytes (N,) that each token of the texts stands for, as small integers.

    What no token holds, such as spaces between words, counts for the token after it, at the end of a text for the
    last. Texts that are `closed` have an end token more, which stands for the end of a line: a character, a byte.
    `spans` gives the places of a text's tokens in order, of all of them, as `TextVectorizer.spans` does.
    """
    letters, lengths = SmallSizes(), SmallSizes()
    carried = np.zeros(2, np.int64)
    for text in texts:
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        bounds = np.concatenate([[0], np.cumsum(np.searchsorted(_BYTE_BOUNDS, codes, side="right") + 1)])
        ends = np.array([end for _, end in spans(text)] + [len(codes)] * closed, np.int64)
        if not len(ends):
            carried += (len(codes), bounds[-1])
            continue
        ends = np.maximum.accumulate(ends)
        ends[-1] = len(codes)
        for kept, places, more in ((letters, ends, carried[0]), (lengths, bounds[ends], carried[1])):
            sizes = np.diff(places, prepend=0)
            sizes[0] += more
            sizes[-1] += closed
            kept.add(sizes)
        carried = np.zeros(2, np.int64)
    return letters.whole(), lengths.whole()


@final
class SmallSizes:
    """Sizes put aside part by part, each in the fewest bytes that hold it."""

    def __init__(self) -> None:
        self._parts = list[Sizes]()
        self._whole = 0

    def add(self, sizes: Sizes) -> None:
        """Put some more aside, none of them negative."""
        self._parts.append(sizes)
        if len(self._parts) - self._whole > _TEXTS_AT_ONCE:
            self._join()

    def whole(self) -> Sizes:
        """Return all of them, one after another."""
        self._join()
        return self._parts[0] if len(self._parts) == 1 else np.concatenate(self._parts)

    def _join(self) -> None:
        """Join the parts that have come since, which are small ones."""
        joined = np.concatenate([np.empty(0, np.uint8), *self._parts[self._whole :]])
        kind = np.min_scalar_type(int(joined.max(initial=0)))
        self._parts[self._whole :] = [joined.astype(kind, copy=False)]
        self._whole = len(self._parts)


def pieces_of(text: str) -> Iterator[str]:
    """Yield the lines of a text with their ends, longer ones in pieces; together they are the text again.

    So a text may be cut into tokens block by block. A piece ends where no letter's marks are torn from it.
    """
    for line in text.splitlines(keepends=True):
        while len(line) > _LONGEST_LINE:
            cut = _LONGEST_LINE
            while cut > 1 and not _begins(line[cut]):
                cut -= 1
            yield line[:cut]
            line = line[cut:]
        yield line


def _begins(letter: str) -> bool:
    """Tell whether a character stands by itself in every normal form, as those below U+0300 and syllables do."""
    return letter < "\u0300" or "가" <= letter <= "힣"


def _closed(documents: TokenRows, end: int) -> Iterator[Ids]:
    """Yield the ids of documents with an end token after each, in blocks."""
    first = 0
    while first < len(documents):
        limit = documents.offsets[first] + _TOKENS_AT_ONCE
        last = max(first + 1, int(np.searchsorted(documents.offsets, limit, side="right")) - 1)
        begin, stop = documents.offsets[first], documents.offsets[last]
        ends = documents.offsets[first + 1 : last + 1] - begin
        yield np.insert(documents.ids[begin:stop], ends, end).astype(np.int32, copy=False)
        first = last
