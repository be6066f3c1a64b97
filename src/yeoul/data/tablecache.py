"""Remember the columns of large files in the user's cache, so that each is parsed once.

A cached table is known by the content of its file (SHA-256), by how it was to be read and by the version of the
readers. It consists of an Arrow file and a small JSON file that names its checksum and is written last: a table
without it, or with other bytes, is read anew from the source. The oldest are removed when all together are larger
than `MOST_BYTES`. The folder may vanish at any time, and where it cannot be written, nothing is remembered.
"""

import hashlib
import json
import os
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa

from yeoul.caches import cache_folder
from yeoul.data.encodings import Encoding
from yeoul.data.mapped import PART, open_arrow
from yeoul.data.scratch import scratch_folder
from yeoul.data.tables import Facts, Reading, Table, table_of
from yeoul.files import sha256, write_text

READER_VERSION = 1
"""To be raised whenever a reader may give other rows for the same file."""
MOST_BYTES = 8 << 30
_ABANDONED_SECONDS = 86_400.0


def key_of(path: Path, options: tuple[object, ...]) -> str:
    """Return the name of a file's cached table."""
    wanted = json.dumps([READER_VERSION, pa.__version__, sha256(path), *options])
    return hashlib.sha256(wanted.encode()).hexdigest()[:32]


def tables_folder() -> Path | None:
    """Return the folder of the cached tables; None where it cannot be written."""
    folder = cache_folder() / "tables"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK | os.X_OK) else None


def read_cached(key: str, name: str) -> Table | None:
    """Return the cached table; None when there is none, or a damaged one."""
    folder = cache_folder() / "tables"
    arrow, told = folder / f"{key}.arrow", folder / f"{key}.json"
    try:
        record = json.loads(told.read_text("utf-8"))
        if sha256(arrow) != record.pop("sha256"):
            return None
        facts = Facts(**{**record, "encoding": Encoding(**record["encoding"])})
        table = table_of(open_arrow(arrow), name, facts)
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        return None
    with suppress(OSError):  # where nothing may be written, nothing is removed by age either
        os.utime(arrow)
    return table


def remembered(key: str, name: str, reading: Reading) -> Table:
    """Return the table that was read, after moving its file, if it has one, into the cache under `key`."""
    found, folder = reading.rows.file(), tables_folder()
    if found is None or found[0].parent != folder:
        return table_of(reading.rows.table(), name, reading.facts)
    part, digest = found
    arrow = folder / f"{key}.arrow"
    os.replace(part, arrow)
    record = {**asdict(reading.facts), "sha256": digest}
    write_text(folder / f"{key}.json", json.dumps(record, ensure_ascii=False))
    table = table_of(open_arrow(arrow), name, reading.facts)
    _forget(folder, arrow)
    return table


def _forget(folder: Path, newest: Path) -> None:
    """Remove the oldest tables while all are too large, and what a killed process left unfinished."""
    with suppress(OSError):  # another process may remove the same; Windows keeps what is mapped
        files = [*folder.glob("*.arrow"), *scratch_folder().glob(f"{PART}*.arrow")]
        files.sort(key=lambda file: file.stat().st_mtime)
        room = MOST_BYTES - newest.stat().st_size
        for file in reversed(files):
            unfinished = file.name.startswith(PART)
            if file == newest or (unfinished and time.time() - file.stat().st_mtime < _ABANDONED_SECONDS):
                continue
            room -= file.stat().st_size
            if room < 0 or unfinished:
                file.with_suffix(".json").unlink(missing_ok=True)
                file.unlink(missing_ok=True)
