"""A stranger's picture, drawn anew as a JPEG by a process that may die of it (P6).

`python -m returns.pictures PIXELS` reads one and writes "WIDTH HEIGHT" and the JPEG.
It has no secrets, little memory and little time; its exit code is a Verdict.
"""

import resource
import struct
import subprocess
import sys
import warnings
from dataclasses import dataclass
from enum import IntEnum
from io import BytesIO

from PIL import ExifTags, Image

from returns.errors import PictureRefused
from returns.settings import ROOT

MOST_PIXELS = 40_000_000
LONGEST_SIDE = 2000
QUALITY = 85
MEMORY_BYTES = 300_000_000
CPU_SECONDS = 10
PATIENCE_SECONDS = 30
FORMATS = ("JPEG", "PNG", "WEBP")
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Verdict(IntEnum):
    """How the process ended. UNREADABLE is also Python's own code for a failure."""

    REDRAWN = 0
    UNREADABLE = 1
    OTHER_KIND = 3
    HEIC = 4
    TOO_LARGE = 5


@dataclass(frozen=True)
class Picture:
    """A JPEG of our own making, without any of the file's own data but its pixels."""

    content: bytes
    width: int
    height: int


def redrawn(content: bytes, longest_side: int = LONGEST_SIDE) -> Picture:
    """Upright, at most so many pixels wide or high. Raises PictureRefused."""
    try:
        done = subprocess.run(  # noqa: S603  (a number, and nothing of the picture's)
            [sys.executable, "-m", "returns.pictures", str(longest_side)],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={},
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PictureRefused("unreadable") from error
    if done.returncode != Verdict.REDRAWN:
        known = done.returncode in list(Verdict)
        verdict = Verdict(done.returncode) if known else Verdict.UNREADABLE
        raise PictureRefused(verdict.name.lower())
    size, _, jpeg = done.stdout.partition(b"\n")
    width, height = map(int, size.split())
    return Picture(jpeg, width, height)


def kind_of(content: bytes) -> Verdict:
    """By its first bytes alone: REDRAWN for what we take, HEIC or OTHER_KIND."""
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return Verdict.REDRAWN
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return Verdict.REDRAWN
    if content[4:8] == b"ftyp" and content[8:12] in HEIC_BRANDS:
        return Verdict.HEIC
    return Verdict.OTHER_KIND


def redraw(content: bytes, longest_side: int = LONGEST_SIDE) -> Picture:
    """In this very process: for `main`. Raises whatever Pillow raises."""
    with Image.open(BytesIO(content), formats=FORMATS) as image:
        image.draft(None, (longest_side, longest_side))
        turn = UPRIGHT.get(_orientation(image))
        drawn = _shrunk(image, longest_side)
    if turn is not None:
        drawn = drawn.transpose(turn)
    paper = Image.new("RGB", drawn.size, "white")  # nothing of the file's own data
    paper.paste(drawn, mask=drawn.getchannel("A") if drawn.mode == "RGBA" else None)
    jpeg = BytesIO()
    paper.save(jpeg, "JPEG", quality=QUALITY)
    return Picture(jpeg.getvalue(), *paper.size)


def _orientation(image: Image.Image) -> int:
    """How the camera was held; 1 also when the file's notes make no sense."""
    try:
        told: object = image.getexif().get(ExifTags.Base.Orientation)
    except (SyntaxError, ValueError, TypeError, KeyError, OSError, struct.error):
        return 1
    return told if isinstance(told, int) else 1


def _shrunk(image: Image.Image, longest_side: int) -> Image.Image:
    """Small first, so that the costly steps work on few pixels; RGB or RGBA."""
    drawn = image
    if drawn.mode.startswith("I") or drawn.mode == "F":  # 16 bits a pixel
        drawn = drawn.point(lambda value: value * (1 / 256)).convert("L")
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if drawn.mode not in ("L", "RGB", "RGBA", "CMYK"):
        drawn = drawn.convert(mode)
    drawn.thumbnail((longest_side, longest_side), reducing_gap=2.0)
    return drawn.convert(mode)


def main() -> int:
    _live_modestly()
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    content = sys.stdin.buffer.read()
    kind = kind_of(content)
    if kind is not Verdict.REDRAWN:
        return kind
    try:
        picture = redraw(content, int(sys.argv[1]))
    except (
        MemoryError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ):
        return Verdict.TOO_LARGE
    sys.stdout.buffer.write(f"{picture.width} {picture.height}\n".encode())
    sys.stdout.buffer.write(picture.content)
    return Verdict.REDRAWN


def _live_modestly() -> None:
    """Little memory and time; no file of any kind, so no core dump either."""
    limits = (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    )
    for name, most in limits:
        resource.setrlimit(name, (most, most))


if __name__ == "__main__":
    sys.exit(main())
