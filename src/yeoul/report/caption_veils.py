"""Where a model looked in a picture, as veils: dark where it did not look, clear where it looked most."""

import base64
import struct
import zlib
from collections.abc import Sequence

_DARKEST = 215
_GRAY_WITH_ALPHA = 4


def veil(grid: Sequence[Sequence[float]]) -> list[list[int]]:
    """Return how opaque, of 255, each place is: not at all where the weight is largest."""
    most = max((weight for row in grid for weight in row), default=0.0)
    return [
        [round(_DARKEST * (1.0 - (weight / most if most > 0 else 0.0))) for weight in row] for row in grid
    ]


def veil_png(grid: Sequence[Sequence[float]]) -> str:
    """Return a veil as a PNG file of one pixel a place, in base64."""
    rows = b"".join(b"\0" + b"".join(bytes((0, opacity)) for opacity in row) for row in veil(grid))
    size = struct.pack(">IIBBBBB", len(grid[0]), len(grid), 8, _GRAY_WITH_ALPHA, 0, 0, 0)
    chunks = ((b"IHDR", size), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    file = b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, *zip(*chunks, strict=True)))
    return base64.b64encode(file).decode("ascii")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
