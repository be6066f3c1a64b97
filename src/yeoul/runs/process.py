"""Which process writes a run, whether it still lives, and how much memory it took."""

import os
import platform
import resource
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Process:
    """A process of one machine since its last start: numbers are reused, all of these together are not."""

    pid: int
    host: str
    boot_id: str
    started: str

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def this_process() -> Process:
    return process_of(os.getpid())


def process_of(pid: int) -> Process:
    """Return which process of this machine has a number now."""
    return Process(pid, platform.node(), _boot_id(), _started(pid))


def is_alive(process: Process) -> bool:
    """Tell whether `process` still runs on this machine."""
    if process.boot_id != _boot_id():
        return False
    if _started(process.pid) != process.started:
        return False
    if sys.platform == "win32":  # os.kill would end the process there
        return True
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def peak_memory_mb() -> float:
    """Return the largest resident memory of this process so far in MB."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text("ascii", "replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def _boot_id() -> str:
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text("ascii").strip() if path.exists() else ""


def _started(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    state, *rest = stat.rpartition(")")[2].split()
    return "" if state in "ZX" else rest[18]  # field 22: clock ticks between boot and the process's start
