"""Columns of strings in blocks: small ones in memory, large ones in a memory-mapped Arrow file."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from yeoul.data.scratch import LARGE_BYTES, let_go, mapped, scratch_folder
from yeoul.files import full_disk_named

Ints = npt.NDArray[np.int64]
PART = ".part-"
"""How the names of unfinished files begin."""
_TAKEN_ROWS = 1 << 15


class _Sink:
    """A new file that keeps the checksum of what is written to it."""

    closed = False

    def __init__(self, folder: Path) -> None:
        descriptor, name = tempfile.mkstemp(prefix=PART, suffix=".arrow", dir=folder)
        self.path = Path(name)
        self.digest = hashlib.sha256()
        self._file = os.fdopen(descriptor, "wb")

    def write(self, content: Any) -> int:
        view = memoryview(content)
        self.digest.update(view)
        return self._file.write(view)

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        if not self._file.closed:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()


class Gathered:
    """Record batches of one schema, put aside one by one; above `LARGE_BYTES` they go to a file in `folder`."""

    def __init__(self, schema: pa.Schema, folder: Path | None = None) -> None:
        self._schema = schema
        self._folder = folder
        self._held: list[pa.RecordBatch] = []
        self._held_bytes = 0
        self._sink: _Sink | None = None
        self._writer: Any = None
        self._ended = False

    def add(self, batch: pa.RecordBatch) -> None:
        """Put a batch aside; raise `DiskFullError` when the disk has no room for it."""
        if not batch.num_rows:
            return
        self._held.append(batch)
        self._held_bytes += batch.nbytes
        if self._sink is not None or self._held_bytes > LARGE_BYTES:
            self._write()

    def file(self) -> tuple[Path, str] | None:
        """End the file and return its path and SHA-256; None when everything is in memory."""
        if self._sink is None:
            return None
        if not self._ended:
            self._ended = True
            with full_disk_named(self._sink.path, LARGE_BYTES):
                self._writer.close()
                self._sink.close()
        return self._sink.path, self._sink.digest.hexdigest()

    def table(self) -> pa.Table:
        """Return all that was put aside; a file goes with the process, or sooner."""
        found = self.file()
        if found is None:
            return pa.Table.from_batches(self._held, self._schema)
        table = open_arrow(found[0])
        self.drop()
        return table

    def drop(self) -> None:
        """Remove the file, if there is one."""
        if self._sink is not None:
            self._sink.close()
            with suppress(PermissionError):  # Windows keeps what is mapped; the cache removes it another day
                self._sink.path.unlink(missing_ok=True)

    def _write(self) -> None:
        folder = self._folder or scratch_folder()
        with full_disk_named(folder, self._held_bytes):
            if self._sink is None:
                self._sink = _Sink(folder)
                self._writer = pa.ipc.new_file(pa.PythonFile(self._sink, "w"), self._schema)
            for batch in self._held:
                self._writer.write_batch(batch)
        self._held.clear()
        self._held_bytes = 0
        let_go()


def open_arrow(path: Path) -> pa.Table:
    """Map an Arrow file; raise `pa.ArrowInvalid` or `ValueError` for one that is not whole."""
    with open(path, "rb") as file:
        return pa.ipc.open_file(pa.py_buffer(mapped(file))).read_all()


def gathered(chunks: Iterable[pa.Array], kind: pa.DataType) -> pa.ChunkedArray:
    """Return the chunks as one column; chunks that are mapped stay so, and many new bytes go to the disk."""
    aside = Gathered(pa.schema([("0", kind)]))
    for chunk in chunks:
        aside.add(pa.record_batch([chunk], ["0"]))
    return aside.table().column(0)


def exchanged(chunks: Iterable[tuple[pa.Array, pa.Array]], kind: pa.DataType) -> pa.ChunkedArray:
    """Return the second of each pair as one column; where it is the first itself, it stays where it lies."""
    aside, kept = Gathered(pa.schema([("0", kind)])), []
    for old, new in chunks:
        if new is not old:
            aside.add(pa.record_batch([new], ["0"]))
        kept.append(old if new is old else None)
    fresh = iter(aside.table().column(0).chunks)
    return pa.chunked_array([next(fresh) if chunk is None else chunk for chunk in kept], kind)


def by_block(column: pa.ChunkedArray | pa.Array, measure: Callable[[pa.Array], pa.Array]) -> npt.NDArray[Any]:
    """Return `measure` of every row (N,), taken block by block, so that memory holds one block at a time."""
    measured = [measure(chunk).to_numpy(zero_copy_only=False) for chunk in walked(chunks_of(column))]
    return np.concatenate(measured) if measured else measure(pa.array([], column.type)).to_numpy(False)


def chunks_of(column: pa.ChunkedArray | pa.Array) -> list[pa.Array]:
    """Return the blocks of a column, which may be one array."""
    return column.chunks if isinstance(column, pa.ChunkedArray) else [column]


def walked(chunks: Iterable[pa.Array]) -> Iterator[pa.Array]:
    """Yield the chunks, and now and then let go of the mapped memory of those that are done."""
    size = 0
    for chunk in chunks:
        yield chunk
        size += chunk.nbytes
        if size > LARGE_BYTES:
            let_go()
            size = 0
    let_go()


def taken(column: pa.ChunkedArray, picked: Ints) -> Iterator[pa.Array]:
    """Yield the rows `picked`, in that order, in blocks."""
    ends = np.cumsum([len(chunk) for chunk in column.chunks])
    for start in range(0, len(picked), _TAKEN_ROWS):
        places = picked[start : start + _TAKEN_ROWS]
        homes = np.searchsorted(ends, places, side="right")
        order = np.argsort(homes, kind="stable")
        parts = []
        for home in np.unique(homes):
            chunk = column.chunk(int(home))
            inside = places[order][homes[order] == home] - (ends[home] - len(chunk))
            parts.append(chunk.take(pa.array(inside, pa.int64())))
        back = np.empty(len(order), np.int64)
        back[order] = np.arange(len(order))
        whole = pa.concat_arrays(parts)
        yield whole if len(parts) == 1 else whole.take(pa.array(back, pa.int64()))
