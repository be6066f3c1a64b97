"""Picture files as they come from elsewhere: sound ones of every kind, and what only looks like a picture."""

import io
import struct
import zlib

import numpy as np
from PIL import Image, PngImagePlugin

RED, BLUE = (200, 30, 30), (30, 30, 200)


def scene(width=60, height=40):
    """Red above, blue below on the right, white below on the left."""
    pixels = np.full((height, width, 3), 255, np.uint8)
    pixels[: height // 2] = RED
    pixels[height // 2 :, width // 2 :] = BLUE
    return Image.fromarray(pixels)


def saved(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def with_orientation(orientation, kind="JPEG"):
    """The scene held otherwise, with the note of the camera that tells how."""
    undone = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    held = scene() if orientation == 1 else scene().transpose(undone[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(held, kind, exif=exif)


def png_of(width, height, content=b"", colors=2, broken=False):
    """A PNG file put together by hand."""

    def chunk(name, data):
        check = zlib.crc32(name + data) ^ int(broken)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, colors, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", content) + chunk(b"IEND", b"")


def clear_below_left():
    """The scene whose white corner is transparent instead, over black that nobody sees."""
    image = scene().convert("RGBA")
    pixels = np.array(image)
    pixels[20:, :30] = (0, 0, 0, 0)
    return Image.fromarray(pixels)


def palette_with_clear():
    image = scene().convert("P", palette=Image.Palette.ADAPTIVE, colors=8)
    white = image.getpixel((5, 35))
    return saved(image, "PNG", transparency=white)


def damaged_note():
    """A JPEG file whose note of the camera is rubbish."""
    return saved(scene(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xffrubbish")


JPEG = saved(scene(), "JPEG", quality=95)
PNG = saved(scene(), "PNG")
WEBP = saved(scene(), "WEBP", lossless=True)

COLORED = {
    "plain.jpg": JPEG,
    "progressive.jpg": saved(scene(), "JPEG", progressive=True, quality=95),
    "large.jpg": saved(scene(2400, 1600), "JPEG"),
    "cmyk.jpg": saved(scene().convert("CMYK"), "JPEG", quality=95),
    "with rubbish behind.jpg": JPEG + b"rubbish" * 50,
    "damaged note.jpg": damaged_note(),
    "a png by name.png": JPEG,
    "plain.png": PNG,
    "alpha.png": saved(clear_below_left(), "PNG"),
    "palette.png": saved(scene().convert("P", palette=Image.Palette.ADAPTIVE), "PNG"),
    "clear palette.png": palette_with_clear(),
    "clear color.png": saved(scene(), "PNG", transparency=(255, 255, 255)),
    "with words.png": saved(scene(), "PNG", pnginfo=PngImagePlugin.PngInfo()),
    "moving.png": saved(scene(), "PNG", save_all=True, append_images=[scene().rotate(90)]),
    "plain.webp": WEBP,
    "lossy.webp": saved(scene(), "WEBP", quality=95),
    "alpha.webp": saved(clear_below_left(), "WEBP", lossless=True),
    "moving.webp": saved(scene(), "WEBP", save_all=True, append_images=[scene().rotate(90)], lossless=True),
    "turned.png": with_orientation(6, "PNG"),
    "turned.webp": with_orientation(8, "WEBP"),
    **{f"held {way}.jpg": with_orientation(way) for way in range(1, 9)},
}
"""All show the scene."""
GRAY = {
    "gray.jpg": saved(scene().convert("L"), "JPEG"),
    "gray.png": saved(scene().convert("L"), "PNG"),
    "gray with alpha.png": saved(scene().convert("LA"), "PNG"),
    "two levels.png": saved(scene().convert("1", dither=Image.Dither.NONE), "PNG"),
    "16 bits.png": saved(Image.fromarray(np.array(scene().convert("L")).astype(np.uint16) * 257), "PNG"),
    "one pixel.png": saved(scene(2, 2).resize((1, 1)), "PNG"),
}
"""All are sound."""
UNUSABLE = {
    "empty.jpg": (b"", "empty"),
    "words.jpg": ("사진이 아닙니다".encode(), "kind"),
    "page.png": (b"<html><body>404</body></html>", "kind"),
    "drawing.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "kind"),
    "moving.gif": (saved(scene(), "GIF"), "kind"),
    "bitmap.bmp": (saved(scene(), "BMP"), "kind"),
    "sound.webp": (b"RIFF\x24\0\0\0WAVEfmt ", "kind"),
    "packed.jpg": (b"PK\x03\x04" + bytes(60), "kind"),
    "cut.jpg": (JPEG[: len(JPEG) // 2], "damaged"),
    "cut.png": (PNG[: len(PNG) // 2], "damaged"),
    "cut.webp": (WEBP[: len(WEBP) // 2], "damaged"),
    "begun.jpg": (JPEG[:4], "damaged"),
    "begun.png": (PNG[:8], "damaged"),
    "broken sum.png": (png_of(4, 4, zlib.compress(bytes(52)), broken=True), "damaged"),
    "no pixels.png": (png_of(4, 4), "damaged"),
    "no width.png": (png_of(0, 4, zlib.compress(b"")), "damaged"),
    "rubbish.jpg": (b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4, "damaged"),
    "bomb.png": (png_of(60_000, 60_000, zlib.compress(bytes(1000))), "large"),
    "wide bomb.png": (png_of(2_000_000_000, 3, zlib.compress(bytes(1000))), "large"),
    "just too large.png": (png_of(50_001, 1000, zlib.compress(bytes(1000)), colors=0), "large"),
}
"""Each with the reason for which it is not used."""
