"""Whatever is sent: a plain JPEG of ours comes out, or a clear no; never the file."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from PIL import Image

from returns import pictures
from returns.errors import PictureRefused
from returns.pictures import LONGEST_SIDE, Picture, redrawn
from returns.settings import ROOT
from tests.pictures import BLUE, CANARY, RED, REFUSED, TAKEN, damaged, encoded, located

MEASURED = """
import json, resource, sys
from returns.errors import PictureRefused
from returns.pictures import redrawn
try:
    told = redrawn(sys.stdin.buffer.read()).width
except PictureRefused as error:
    told = error.reason
most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([told, most * 1024]))
"""


def is_plain(picture: Picture) -> bool:
    """A baseline JPEG of its own size that holds pixels and nothing else."""
    with Image.open(BytesIO(picture.content)) as image:
        image.load()
        notes = set(image.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        same_size = image.size == (picture.width, picture.height)
        return image.format == "JPEG" and same_size and not notes


def colour_at(picture: Picture, x: float, y: float) -> tuple[int, ...]:
    """x, y: from 0 to 1. Rounded, for a JPEG is never exact."""
    with Image.open(BytesIO(picture.content)) as image:
        found = image.getpixel((int(x * image.width), int(y * image.height)))
    assert isinstance(found, tuple)
    return tuple(round(value / 40) for value in found)


def like(colour: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(round(value / 40) for value in colour)


@pytest.mark.parametrize("name", TAKEN)
def test_every_honest_kind_becomes_a_plain_jpeg(name: str) -> None:
    """Each kind, mode and polyglot: only its pixels are kept, none of its bytes."""
    picture = redrawn(TAKEN[name])
    assert is_plain(picture)
    assert picture.content != TAKEN[name]
    for planted in (CANARY, b"<script>", b"PK\x03\x04"):
        assert planted not in picture.content


@pytest.mark.parametrize("name", REFUSED)
def test_every_other_file_is_refused_with_its_reason(name: str) -> None:
    """By its first bytes and its pixels, whatever it calls itself."""
    content, reason = REFUSED[name]
    with pytest.raises(PictureRefused) as refusal:
        redrawn(content)
    assert refusal.value.reason == reason


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_place_and_camera_are_gone(kind: str) -> None:
    """No EXIF, no GPS is left of a phone's photo."""
    content = located(kind=kind)
    assert CANARY in content
    assert CANARY not in redrawn(content).content


# Where the photo's left, red half lies once it is upright, by EXIF orientation.
RED_SIDE = {
    1: (0.2, 0.5),
    2: (0.8, 0.5),
    3: (0.8, 0.5),
    4: (0.2, 0.5),
    5: (0.5, 0.2),
    6: (0.5, 0.2),
    7: (0.5, 0.8),
    8: (0.5, 0.8),
}


@pytest.mark.parametrize("orientation", RED_SIDE)
def test_a_photo_stands_upright(orientation: int) -> None:
    """However the phone was held, the picture is turned as the phone would show it."""
    picture = redrawn(located(orientation))
    assert (picture.width > picture.height) == (orientation < 5)
    x, y = RED_SIDE[orientation]
    assert colour_at(picture, x, y) == like(RED)
    assert colour_at(picture, 1 - x, 1 - y) == like(BLUE)


def test_what_is_see_through_becomes_white() -> None:
    """Paper behind it, not the black that a careless conversion gives."""
    assert colour_at(redrawn(TAKEN["see-through palette"]), 0.5, 0.5) == like(
        (255,) * 3
    )


def test_sixteen_bits_keep_their_grey() -> None:
    """A deep grey picture is scaled, not cut off to white."""
    assert colour_at(redrawn(TAKEN["16-bit PNG"]), 0.5, 0.5) == like((156,) * 3)


@pytest.mark.parametrize("size", [(6000, 3000), (1500, 3000), (5000, 3)])
def test_the_long_side_is_at_most_2000(size: tuple[int, int]) -> None:
    """Large pictures shrink in proportion; small ones stay as they are."""
    picture = redrawn(encoded(Image.new("RGB", size, RED)))
    assert max(picture.width, picture.height) == LONGEST_SIDE
    assert picture.height == max(1, round(size[1] * picture.width / size[0]))
    small = redrawn(TAKEN["JPEG"])
    assert (small.width, small.height) == (64, 32)


def test_the_largest_allowed_need_little_memory() -> None:
    """40 megapixels are taken; whatever the picture needs, it never gets 300 MB."""
    large = Image.new("RGB", (8000, 5000), RED)
    files = {
        "JPEG": (encoded(large), LONGEST_SIDE),
        "WebP": (encoded(large, "WEBP", method=0), None),
        "bomb": (REFUSED["100 megapixels of PNG"][0], "too_large"),
    }
    large.close()
    for content, wanted in files.values():
        done = subprocess.run(
            [sys.executable, "-c", MEASURED],
            input=content,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            check=True,
        )
        told, most_bytes = json.loads(done.stdout)
        assert wanted is None or told == wanted
        assert most_bytes < 300_000_000


def test_damaged_files_break_nothing(request: pytest.FixtureRequest) -> None:
    """Bytes changed, cut or doubled: a plain JPEG or a no, nothing else ever."""
    trials = 300 if request.config.getoption("--full") else 30

    def survives(seed: int) -> bool:
        try:
            return is_plain(redrawn(damaged(seed)))
        except PictureRefused as refusal:
            return refusal.reason in ("unreadable", "other_kind", "too_large")

    with ThreadPoolExecutor(2) as pool:
        assert all(pool.map(survives, range(trials)))


def test_a_picture_that_takes_for_ever_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The process is ended when its time is over; the desk goes on."""
    monkeypatch.setattr(pictures, "PATIENCE_SECONDS", 0.0)
    with pytest.raises(PictureRefused, match="unreadable"):
        redrawn(TAKEN["JPEG"])
