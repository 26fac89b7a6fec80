"""A person's photos: from the platform into the widget's own safe storage (M8)."""

import base64
import binascii
import hashlib
import hmac
from typing import Any

from desk.channels.graph import Graph
from returns.errors import PartnerRefused, PictureRefused
from returns.services import uploads
from returns.wiring import House

MEGABYTE = 1024 * 1024


def keep(
    house: House, graph: Graph, conversation_id: str, media: list[dict[str, Any]]
) -> list[str]:
    """The upload_ids; a photo that was kept before keeps its id.

    Raises PictureRefused, TooManyPictures; PartnerError for what did not come.
    """
    return [
        uploads.keep(house, conversation_id, _bytes(house, graph, one)) for one in media
    ]


def _bytes(house: House, graph: Graph, media: dict[str, Any]) -> bytes:
    most = house.shop.limits.upload_megabytes * MEGABYTE
    try:
        if media["url"] is not None:
            return graph.download(media["url"], most)
        return _looked_up(graph, media, most)
    except PartnerRefused as refusal:
        if refusal.reason == "too_large":
            raise PictureRefused("too_large") from refusal
        raise


def _looked_up(graph: Graph, media: dict[str, Any], most: int) -> bytes:
    """The address lives for five minutes; one that is over is asked for once more."""
    found = graph.find(media["media_id"])
    try:
        content = graph.download(found.url, most)
    except PartnerRefused as refusal:
        if refusal.reason != "gone":
            raise
        found = graph.find(media["media_id"])
        content = graph.download(found.url, most)
    for told in (media["sha256"], found.sha256):
        if told is not None and not _is_hash_of(told, content):
            raise PartnerRefused("other_content")
    return content


def _is_hash_of(told: str, content: bytes) -> bool:
    """Meta writes it in hexadecimal in one place and in base64 in another."""
    digest = hashlib.sha256(content).digest()
    return hmac.compare_digest(_digest(told) or b"", digest)


def _digest(told: str) -> bytes | None:
    try:
        if len(told) == 64:
            return bytes.fromhex(told)
        return base64.b64decode(told, validate=True)
    except (ValueError, binascii.Error):
        return None
