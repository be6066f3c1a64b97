"""Decode many pictures into one file, in processes of their own: whatever a picture does, the training goes on.

Each process writes the squares of its pictures into their places in the file, and a line for each of them: nothing, or
why the picture cannot be used. Where a process ends before its time, the picture at which it stood is lost, and another
process goes on behind it.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

import numpy as np
import numpy.typing as npt

from yeoul.data.pictures.reading import MOST_BYTES, Reason, UnusableError, decoded
from yeoul.errors import RunError
from yeoul.files import full_disk_named

_BLOCK_BYTES = 1 << 22
Ints = npt.NDArray[np.int64]
_FEW = 64
"""So many pictures are decoded on the spot."""
_PICTURES_A_PROCESS = 200
_MOST_PROCESSES = 8
_MOST_DEATHS = 3
"""Processes that end one after another without a picture done: then it is not the pictures."""


@dataclass(frozen=True, eq=False)
class Told:
    """What is known of N pictures beside their squares."""

    sides: Ints  # (N, 2) width and height in pixels, 0 of what cannot be used
    unusable: Mapping[int, Reason]
    """Why some cannot be used, by place."""


def decode_into(target: Path, paths: Sequence[Path], size: int) -> Told:
    """Write the squares of pictures (N, size, size, 3) to a new file; return what is known of them.

    What cannot be used is black. Raises `RunError` when the processes cannot work at all, and `DiskFullError`.
    """
    whole = len(paths) * size * size * 3
    with full_disk_named(target, whole):
        with open(target, "wb") as file:  # what is full must show here: a process apart would only end
            for start in range(0, whole, _BLOCK_BYTES):
                file.write(bytes(min(_BLOCK_BYTES, whole - start)))
        if len(paths) <= _FEW:
            return _gathered(_decode(target, list(enumerate(paths)), size), len(paths))
        with tempfile.TemporaryDirectory(prefix="yeoul-") as folder:
            return _gathered(_decode_apart(target, paths, size, Path(folder)), len(paths))


def main() -> None:
    """Decode what a file of work tells, and append a line for each picture to the file beside it."""
    work = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    paths = [(place, Path(path)) for place, path in work["paths"]]
    with open(work["told"], "a", encoding="utf-8") as told:
        for place, path in paths:
            (line,) = _decode(Path(work["target"]), [(place, path)], work["size"])
            told.write(f"{line.place} {line.reason or '-'} {line.width} {line.height}\n")
            told.flush()


@dataclass(frozen=True)
class _Line:
    """What is told of a picture; the reason is empty where it can be used."""

    place: int
    reason: str
    width: int = 0
    height: int = 0


def _decode(target: Path, paths: Sequence[tuple[int, Path]], size: int) -> list[_Line]:
    """Decode pictures into their places of the file."""
    told, bytes_each = list[_Line](), size * size * 3
    with open(target, "r+b") as file:
        for place, path in paths:
            try:
                square = decoded(_content(path), size)
            except UnusableError as error:
                told.append(_Line(place, error.reason))
                continue
            file.seek(place * bytes_each)
            file.write(square.pixels.tobytes())
            told.append(_Line(place, "", square.width, square.height))
    return told


def _content(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise UnusableError("missing") from error
    except OSError as error:
        raise UnusableError("damaged") from error


def _decode_apart(target: Path, paths: Sequence[Path], size: int, folder: Path) -> list[_Line]:
    """Share pictures out among processes, and start new ones where some end too soon."""
    count = min(_MOST_PROCESSES, os.cpu_count() or 1, -(-len(paths) // _PICTURES_A_PROCESS))
    shares = [[(place, str(paths[place])) for place in range(k, len(paths), count)] for k in range(count)]
    told: list[_Line] = []
    turn, deaths = 0, 0
    while shares:
        works = [_Work(folder / f"{turn}-{k}", target, size, share) for k, share in enumerate(shares)]
        complaints = _run(works)
        shares = []
        for work, complaint in zip(works, complaints, strict=True):
            done = work.done()
            told += done
            if len(done) == len(work.paths):
                continue
            told.append(_Line(work.paths[len(done)][0], "lost"))
            shares.append(work.paths[len(done) + 1 :])
            deaths = 0 if done else deaths + 1
            if deaths == _MOST_DEATHS:
                raise RunError(
                    "the pictures cannot be decoded: {reason}",
                    "look at the memory that is free",
                    values={"reason": complaint},
                )
        shares = [share for share in shares if share]
        turn += 1
    return told


@dataclass(frozen=True)
class _Work:
    """The pictures of one process, and the files by which it is told and tells."""

    place: Path
    target: Path
    size: int
    paths: list[tuple[int, str]]

    @property
    def told(self) -> Path:
        return self.place.with_suffix(".told")

    def start(self) -> "subprocess.Popen[bytes]":
        work = {"target": str(self.target), "size": self.size, "paths": self.paths, "told": str(self.told)}
        file = self.place.with_suffix(".json")
        file.write_text(json.dumps(work), "utf-8")
        self.told.touch()
        command = [sys.executable, "-m", "yeoul.data.pictures.decoding", str(file)]
        # a session of its own: Ctrl-C at the terminal reaches only the parent, which then ends the child
        return subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)

    def done(self) -> list[_Line]:
        """Return what is told of the pictures that are done; a line that was cut off is none."""
        lines = (line.split() for line in self.told.read_text("utf-8").split("\n")[:-1])
        return [
            _Line(int(place), reason.strip("-"), int(width), int(height))
            for place, reason, width, height in lines
        ]


def _run(works: Sequence[_Work]) -> list[str]:
    """Let processes do their work side by side; return the last line of what each complained of."""
    with ExitStack() as stack:
        processes = [stack.enter_context(work.start()) for work in works]
        try:
            heard = [process.communicate()[1] for process in processes]
        except BaseException:
            for process in processes:
                process.kill()
            raise
    return [
        complaint.decode("utf-8", "replace").strip().rpartition("\n")[2] or str(process.returncode)
        for complaint, process in zip(heard, processes, strict=True)
    ]


def _gathered(lines: Sequence[_Line], count: int) -> Told:
    sides = np.zeros((count, 2), np.int64)
    for line in lines:
        sides[line.place] = line.width, line.height
    unusable = {line.place: cast(Reason, line.reason) for line in lines if line.reason in get_args(Reason)}
    return Told(sides, dict(sorted(unusable.items())))


if __name__ == "__main__":
    main()
