"""Give memory back that the system's allocator keeps after batches of ever other lengths."""

import ctypes
import sys
from collections.abc import Callable
from functools import cache


def give_memory_back() -> None:
    """Return to the system what glibc's heap holds between what is in use; elsewhere do nothing."""
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):  # another C library
        return None
    return found
