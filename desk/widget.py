"""The chat widget's files, as `make widget` built them, and a page that shows them."""

import base64
import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from desk.problems import Problem
from desk.requests import house_of
from returns.settings import ROOT

SOURCE = ROOT / "widget"
BUILT = SOURCE / "dist"
PLAYGROUND = SOURCE / "playground"
SCRIPT = "text/javascript; charset=utf-8"
LANGUAGES = ("fr", "en")
# v1.js on every page, chat when it is opened, more when a return begins.
FILES = {
    "v1.js": SCRIPT,
    **{f"v1/chat.{language}.js": SCRIPT for language in LANGUAGES},
    **{f"v1/more.{language}.js": SCRIPT for language in LANGUAGES},
    "withdraw/v1.js": SCRIPT,
}
PAGES = {
    "": ("index.html", "text/html; charset=utf-8"),
    "playground.js": ("playground.js", SCRIPT),
    "playground.css": ("playground.css", "text/css; charset=utf-8"),
}
# A new version reaches customers within minutes; a tag stays the same for years.
CACHED = "public, max-age=300, stale-while-revalidate=86400"
STRICT = (
    "default-src 'self'; img-src 'self' blob:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class File:
    """content, and the same compressed, by encoding; etag with its quotation marks."""

    content: bytes
    compressed: dict[str, bytes]
    etag: str
    integrity: str


def routes() -> list[Route]:
    return [Route("/widget/{name:path}", _give, methods=["GET"])]


@cache
def built(name: str, folder: Path = BUILT) -> File | None:
    """One file of the widget; None: it has not been built."""
    path = folder / name
    if not path.is_file():
        return None
    content = path.read_bytes()
    digest = hashlib.sha384(content).digest()
    return File(
        content=content,
        compressed=_compressed(path, content),
        etag=f'"{digest.hex()[:32]}"',
        integrity="sha384-" + base64.b64encode(digest).decode(),
    )


def _compressed(path: Path, content: bytes) -> dict[str, bytes]:
    """Best first. The build leaves brotli's beside the file."""
    smaller = path.with_name(path.name + ".br")
    brotli = {"br": smaller.read_bytes()} if smaller.is_file() else {}
    return {**brotli, "gzip": gzip.compress(content, 9, mtime=0)}


def tag(url: str, language: str, pinned: File | None = None) -> str:
    """The line that a shop copies into its pages. pinned: to this very file (SRI)."""
    line = f'<script src="{url}/widget/v1.js" data-lang="{language}" async'
    if pinned is not None:
        line += f' integrity="{pinned.integrity}" crossorigin="anonymous"'
    return line + "></script>"


async def _give(request: Request) -> Response:
    name = request.path_params["name"]
    if name in FILES:
        return _script(request, name)
    if name in PAGES:
        return _page(request, name)
    raise Problem(404, "Not found", "There is no such file.")


def _script(request: Request, name: str) -> Response:
    file = built(name)
    if file is None:
        raise Problem(503, "Not built", "The widget is not built: run `make widget`.")
    headers = {
        "Cache-Control": CACHED,
        "ETag": file.etag,
        "Vary": "Accept-Encoding",
        # Any page may load it; which pages may talk to the desk, shop.yml says.
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }
    if file.etag in _etags(request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    accepted = _encodings(request.headers.get("accept-encoding", ""))
    for encoding, content in file.compressed.items():
        if encoding in accepted:
            headers["Content-Encoding"] = encoding
            return Response(content, media_type=FILES[name], headers=headers)
    return Response(file.content, media_type=FILES[name], headers=headers)


def _encodings(header: str) -> set[str]:
    """By name; what is refused by a weight of 0 is not among them."""
    told = [part.replace(" ", "").partition(";") for part in header.lower().split(",")]
    return {name for name, _, weight in told if not re.fullmatch(r"q=0(\.0*)?", weight)}


def _etags(header: str) -> set[str]:
    """A proxy that compresses makes an ETag weak; it still names the same file."""
    return {etag.strip().removeprefix("W/") for etag in header.split(",")}


def _page(request: Request, name: str) -> Response:
    path, kind = PAGES[name]
    text = (PLAYGROUND / path).read_text(encoding="utf-8")
    file = built("v1.js")
    if name == "" and file is not None:
        house = house_of(request)
        line = tag(house.settings.public_url, house.shop.languages[0], file)
        text = text.replace("{{tag}}", escape(line))
    headers = {"Content-Security-Policy": STRICT, "Cache-Control": "no-cache"}
    return Response(text, media_type=kind, headers=headers)
