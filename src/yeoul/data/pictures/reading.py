"""Read a picture, JPEG, PNG or WebP, as the square of colors that a network sees; whatever came from elsewhere.

The whole picture is squeezed into the square. It is turned as its camera says (EXIF), a damaged note of the camera is
as none; what is transparent stands on white, gray and CMYK become red, green and blue, and of a moving picture the
first frame counts. Nothing is decoded before the header has told how large the picture is.
"""

import io
import struct
import threading
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from yeoul.data.opening import existing_file, open_raw, shown_name
from yeoul.errors import DataError

Pixels = npt.NDArray[np.uint8]
Reason = Literal["missing", "empty", "kind", "large", "damaged", "lost"]
"""Why a picture is not used; "lost": the process that decoded it ended."""
KINDS = ("JPEG", "PNG", "WEBP")
ENDINGS = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp")
MOST_PIXELS = 50_000_000
MOST_BYTES = 64 << 20
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each way of holding a camera."""
_ON_ITS_SIDE = 5
"""From here on, the camera was turned by a quarter."""
_one_at_a_time = threading.Lock()


class UnusableError(Exception):
    """A picture that cannot be used, for a reason that a card counts."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True, eq=False)
class Square:
    """A picture as a network sees it, and how large it is as people do, in pixels."""

    pixels: Pixels  # (S, S, 3)
    width: int
    height: int


def read_picture(source: Path | bytes, size: int, name: str = "") -> Pixels:
    """Return the picture of a file, or of the bytes of one, as (size, size, 3).

    Raises `DataError` for what is no picture, is damaged, or has more than 50 million pixels; it names the file, bytes
    by `name`.
    """
    if isinstance(source, bytes):
        content = source
    else:
        path = existing_file(source)
        name = name or shown_name(path)
        with open_raw(path) as file:
            content = file.read(MOST_BYTES + 1)
    try:
        return decoded(content, size).pixels
    except UnusableError as error:
        raise unusable(error.reason, name) from None


def decoded(content: bytes, size: int) -> Square:
    """Return the picture in the bytes of a file as (size, size, 3); raise `UnusableError` where there is none."""
    if not content:
        raise UnusableError("empty")
    if len(content) > MOST_BYTES:
        raise UnusableError("large")
    # Pillow warns of odd pictures; what warnings do is one setting of the whole process
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = _opened(content)
        try:
            return _square(image, size)
        except UnusableError:
            raise
        except Exception as error:  # a damaged file may lead a decoder into any of them
            raise UnusableError("damaged") from error


def png(pixels: Pixels) -> bytes:
    """Return a picture (H, W, 3) as the bytes of a PNG file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def unusable(reason: Reason, name: str) -> DataError:
    """Return the error that names a picture and says why it cannot be used."""
    match reason:
        case "missing":
            return DataError("there is no such picture", "look for its name in the folder", where=name)
        case "empty":
            return DataError("the picture is empty", "fetch it again", where=name)
        case "kind":
            return DataError("this is no JPEG, PNG or WebP picture", "save it as one of these", where=name)
        case "large":
            return DataError(
                "the picture is too large: at most {most} million pixels are read",
                "make it smaller",
                where=name,
                values={"most": MOST_PIXELS // 1_000_000},
            )
        case "damaged" | "lost":
            return DataError("the picture is damaged or cut off", "fetch it again", where=name)


def _opened(content: bytes) -> Image.Image:
    """Read the header."""
    try:
        image: Image.Image = Image.open(io.BytesIO(content), formats=KINDS)
    except UnidentifiedImageError as error:
        raise UnusableError("damaged" if _begins_like_a_picture(content) else "kind") from error
    except Image.DecompressionBombError as error:
        raise UnusableError("large") from error
    except Exception as error:
        raise UnusableError("damaged") from error
    if image.width * image.height > MOST_PIXELS:
        raise UnusableError("large")
    return image


def _begins_like_a_picture(content: bytes) -> bool:
    webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    return webp or content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))


def _square(image: Image.Image, size: int) -> Square:
    orientation = _orientation(image)
    turn = _TURNS.get(orientation)
    width, height = image.size if orientation < _ON_ITS_SIDE else image.size[::-1]
    image.draft(None, (2 * size, 2 * size))  # of a large JPEG only so much detail is decoded
    colors = _on_white(image).resize((size, size), Image.Resampling.BICUBIC)
    if turn is not None:
        colors = colors.transpose(turn)
    return Square(np.array(colors, np.uint8), width, height)


def _orientation(image: Image.Image) -> int:
    try:
        orientation = int(image.getexif().get(_ORIENTATION, 1))
        return orientation if orientation in _TURNS else 1
    except (OSError, ValueError, TypeError, SyntaxError, KeyError, struct.error, zlib.error):
        return 1  # a damaged note of the camera is as none


def _on_white(image: Image.Image) -> Image.Image:
    """Return a picture as red, green and blue, on white where it is transparent."""
    if image.mode.startswith("I"):  # 16 bits of gray
        high = np.asarray(image).astype(np.int64) >> 8
        return Image.fromarray(np.clip(high, 0, 255).astype(np.uint8)).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("RGB")
