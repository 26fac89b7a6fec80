"""Pictures for tests: honest ones, and files that only say they are."""

import random
import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import ExifTags, Image

CANARY = b"SECRET-48.8566N-2.3522E"
RED, BLUE = (200, 30, 30), (30, 30, 200)


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    written = BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def photo(kind: str = "JPEG", mode: str = "RGB", width: int = 64, **more: Any) -> bytes:
    """The left half red, the right half blue, half as high as wide."""
    image = Image.new("RGB", (width, width // 2), RED)
    image.paste(BLUE, (width // 2, 0, width, width // 2))
    return encoded(image.convert(mode), kind, **more)


def located(orientation: int = 1, padding: int = 0, kind: str = "JPEG") -> bytes:
    """A photo whose notes tell camera and place, and how it was held."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = CANARY.decode() + "x" * padding
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSMapDatum] = CANARY.decode()
    return photo(kind, exif=exif)


def claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header promises so many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 999)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    checked = struct.pack(">I", zlib.crc32(name + data))
    return struct.pack(">I", len(data)) + name + data + checked


def animated() -> bytes:
    frames = [Image.new("RGB", (40, 20), colour) for colour in (RED, BLUE)]
    return encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:])


def transparent() -> bytes:
    """A palette PNG whose one colour is see-through: it must come out white."""
    image = Image.new("P", (40, 20), 0)
    image.putpalette(RED)
    return encoded(image, "PNG", transparency=0)


def sixteen_bit() -> bytes:
    return encoded(Image.new("I;16", (40, 20), 40_000), "PNG")


TAKEN = {
    "JPEG": photo(),
    "PNG": photo("PNG"),
    "WebP": photo("WEBP"),
    "progressive JPEG": photo(progressive=True),
    "CMYK JPEG": photo(mode="CMYK"),
    "grey JPEG": photo(mode="L"),
    "black and white PNG": photo("PNG", "1"),
    "palette PNG": photo("PNG", "P"),
    "grey PNG with alpha": photo("PNG", "LA"),
    "PNG with alpha": photo("PNG", "RGBA"),
    "see-through palette": transparent(),
    "16-bit PNG": sixteen_bit(),
    "animated WebP": animated(),
    "huge notes": located(padding=60_000),
    "JPEG and web page in one": photo() + b"<script>alert(1)</script>" + CANARY,
    "JPEG and archive in one": photo() + b"PK\x03\x04" + CANARY,
    "JPEG with nonsense for notes": photo(exif=b"Exif\0\0" + b"\xff" * 200),
    "JPEG with a comment": photo(comment=b"<script>" + CANARY),
}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 400
REFUSED = {
    "nothing": (b"", "other_kind"),
    "SVG": (SVG, "other_kind"),
    "SVG with a declaration": (b'<?xml version="1.0"?>' + SVG, "other_kind"),
    "web page": (b"<!doctype html><script>alert(1)</script>", "other_kind"),
    "web page, then a JPEG": (b"<html>" + photo(), "other_kind"),
    "GIF": (photo("GIF", "P"), "other_kind"),
    "GIF that is a script": (b"GIF89a/*" + b"\0" * 99 + b"*/=1;alert(1)", "other_kind"),
    "BMP": (photo("BMP"), "other_kind"),
    "TIFF": (photo("TIFF"), "other_kind"),
    "PDF": (b"%PDF-1.7\n1 0 obj", "other_kind"),
    "EPS": (photo("EPS"), "other_kind"),
    "program": (b"\x7fELF" + b"\0" * 99, "other_kind"),
    "AVI in a RIFF": (b"RIFF\x20\0\0\0AVI LIST" + b"\0" * 40, "other_kind"),
    "HEIC": (HEIC, "heic"),
    "100 megapixels of PNG": (claiming(10_000, 10_000), "too_large"),
    "41 megapixels of PNG": (claiming(41_000, 1000), "too_large"),
    "a PNG wider than all": (claiming(2**31 - 1, 1), "too_large"),
    "first bytes of a JPEG": (b"\xff\xd8\xff", "unreadable"),
    "first bytes of a PNG": (b"\x89PNG\r\n\x1a\n", "unreadable"),
    "first bytes of a WebP": (b"RIFF\x10\0\0\0WEBPVP8 ", "unreadable"),
    "half a JPEG": (photo(width=800)[: len(photo(width=800)) // 2], "unreadable"),
    "half a PNG": (photo("PNG")[:90], "unreadable"),
    "half a WebP": (photo("WEBP")[:60], "unreadable"),
    "a PNG without its pixels": (claiming(640, 480), "unreadable"),
    "a PNG of no width": (claiming(0, 480), "unreadable"),
}


def damaged(seed: int) -> bytes:
    """A good picture with some bytes changed, cut, or doubled."""
    dice = random.Random(seed)
    content = bytearray(dice.choice([*TAKEN.values(), located(6)]))
    for _ in range(dice.randint(1, 12)):
        content[dice.randrange(len(content))] = dice.randrange(256)
    if dice.random() < 0.3:
        del content[dice.randrange(len(content)) :]
    if dice.random() < 0.2:
        content *= 2
    return bytes(content)
