"""Messenger's webhooks. Pure."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from desk.channels.events import (
    LONGEST_ID,
    Arrival,
    Events,
    Media,
    Receipt,
    moment,
    part,
    parts,
    text,
)

CHANNEL = "messenger"
LONGEST_TEXT = 70_000
PER_SECOND = 1000
MOST_PICTURES = 4


def read(body: dict[str, Any]) -> Events:
    """Every event of every entry, but for what other apps of the page receive."""
    events = Events()
    if body.get("object") != "page":
        return events
    for entry in parts(body, "entry"):
        account = text(entry, "id") or ""
        for event in parts(entry, "messaging"):
            arrival = _arrival(account, event)
            if arrival is not None:
                events.arrivals.append(arrival)
            events.receipts.extend(_receipts(account, event))
    return events


def _arrival(account: str, event: dict[str, Any]) -> Arrival | None:
    sender = text(part(event, "sender"), "id")
    at = moment(text(event, "timestamp"), PER_SECOND)
    message, postback = part(event, "message"), part(event, "postback")
    if sender is None or at is None or sender == account or message.get("is_echo"):
        return None
    if not message and not postback:
        return None
    plain = Arrival(
        channel=CHANNEL,
        account=account,
        provider_id=_id(sender, event, message or postback),
        sender=sender,
        names=(sender,),
        address=sender,
        at=at,
        kind="other",
    )
    if postback:
        button = text(postback, "payload", 1000)
        return replace(plain, kind="button", button=button) if button else None
    return _said(plain, message)


def _id(sender: str, event: dict[str, Any], told: dict[str, Any]) -> str:
    """Postbacks of old API versions have none of their own."""
    mid = text(told, "mid", LONGEST_ID)
    if mid is not None:
        return mid
    made = f"{sender}/{event.get('timestamp')}/{told.get('payload')}"
    return hashlib.sha256(made.encode("utf-8", "replace")).hexdigest()


def _said(plain: Arrival, message: dict[str, Any]) -> Arrival:
    said = text(message, "text", LONGEST_TEXT) or ""
    button = text(part(message, "quick_reply"), "payload", 1000)
    if button is not None:
        return replace(plain, kind="button", button=button, text=said)
    found = list(parts(message, "attachments"))
    pictures = tuple(_pictures(found))[:MOST_PICTURES]
    if pictures:
        return replace(plain, kind="photo", text=said, media=pictures)
    if said:
        return replace(plain, kind="text", text=said)
    other = next((text(one, "type") for one in found), None)
    return replace(plain, other=other or "unknown")


def _pictures(attachments: list[dict[str, Any]]) -> Iterator[Media]:
    """Photos; a sticker, such as the big thumb, is none."""
    for one in attachments:
        payload = part(one, "payload")
        url = text(payload, "url", 4096)
        if one.get("type") == "image" and url and not payload.get("sticker_id"):
            yield Media(url=url)


def _receipts(account: str, event: dict[str, Any]) -> Iterator[Receipt]:
    sender = text(part(event, "sender"), "id")
    mids = part(event, "delivery").get("mids")
    for mid in mids if isinstance(mids, list) else ():
        if isinstance(mid, str):
            yield Receipt(CHANNEL, account, "delivered", provider_id=mid[:LONGEST_ID])
    until = moment(text(part(event, "read"), "watermark"), PER_SECOND)
    if until is not None and sender is not None:
        yield Receipt(CHANNEL, account, "read", sender=sender, read_until=until)
    echo = part(event, "message")
    ours = text(echo, "metadata")
    mid = text(echo, "mid", LONGEST_ID)
    if echo.get("is_echo") and ours and mid:
        yield Receipt(CHANNEL, account, "sent", provider_id=mid, outbound_id=ours)
