"""WhatsApp's webhooks, as in the Cloud API. Pure."""

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

CHANNEL = "whatsapp"
LONGEST_TEXT = 70_000
STATES = frozenset({"sent", "delivered", "read", "failed"})
PICTURES = ("image", "document")


def read(body: dict[str, Any]) -> Events:
    """Every message and status of every change of every entry."""
    events = Events()
    for value in _values(body):
        account = text(part(value, "metadata"), "phone_number_id") or ""
        for message in parts(value, "messages"):
            arrival = _arrival(account, value, message)
            if arrival is not None:
                events.arrivals.append(arrival)
        for status in parts(value, "statuses"):
            receipt = _receipt(account, status)
            if receipt is not None:
                events.receipts.append(receipt)
    return events


def _values(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if body.get("object") != "whatsapp_business_account":
        return
    for entry in parts(body, "entry"):
        for change in parts(entry, "changes"):
            if change.get("field") == "messages":
                yield part(change, "value")


def _arrival(
    account: str, value: dict[str, Any], message: dict[str, Any]
) -> Arrival | None:
    provider_id = text(message, "id", LONGEST_ID)
    at = moment(text(message, "timestamp"))
    user_id, phone = _names(value, message)
    if provider_id is None or at is None or not (user_id or phone):
        return None
    names = tuple(name for name in (user_id, phone) if name)
    plain = Arrival(
        channel=CHANNEL,
        account=account,
        provider_id=provider_id,
        sender=names[0],
        names=names,
        address=phone or names[0],
        at=at,
        kind="other",
        phone=phone,
        other=text(message, "type") or "unknown",
    )
    return _said(plain, message)


def _names(
    value: dict[str, Any], message: dict[str, Any]
) -> tuple[str | None, str | None]:
    """(business-scoped user id, phone) of who wrote; either may be missing."""
    sender = text(message, "from")
    user_id = text(message, "from_user_id")
    contacts = list(parts(value, "contacts"))
    for contact in contacts:
        mine = text(contact, "wa_id"), text(contact, "user_id")
        named = {name for name in (sender, user_id) if name}
        if named & set(mine) or (not named and len(contacts) == 1):
            user_id = user_id or mine[1]
            sender = sender or mine[0]
    is_phone = sender is not None and sender.isascii() and sender.isdecimal()
    return user_id or (None if is_phone else sender), sender if is_phone else None


def _said(plain: Arrival, message: dict[str, Any]) -> Arrival:
    """The arrival with what its kind of message carries."""
    kind = plain.other
    if kind == "text":
        said = text(part(message, "text"), "body", LONGEST_TEXT) or ""
        return replace(plain, kind="text", text=said)
    if kind == "interactive":
        return _pressed(plain, part(message, "interactive"))
    if kind == "button":  # of a template: its payload is what we gave it
        pressed = part(message, "button")
        return replace(plain, kind="text", text=text(pressed, "text", 4096) or "")
    if kind in PICTURES and kind is not None:
        return _shown(plain, kind, part(message, kind))
    if kind == "system":
        return _system(plain, part(message, "system"))
    return plain


def _pressed(plain: Arrival, interactive: dict[str, Any]) -> Arrival:
    for kind in ("button_reply", "list_reply"):
        button = text(part(interactive, kind), "id", 256)
        if button is not None:
            return replace(plain, kind="button", button=button)
    return plain


def _shown(plain: Arrival, kind: str, media: dict[str, Any]) -> Arrival:
    """A photo, also one that was sent as a file."""
    media_id = text(media, "id")
    mime = text(media, "mime_type") or ""
    if media_id is None or (kind == "document" and not mime.startswith("image/")):
        return plain
    found = Media(media_id=media_id, sha256=text(media, "sha256"))
    caption = text(media, "caption", LONGEST_TEXT) or ""
    return replace(plain, kind="photo", text=caption, media=(found,))


def _system(plain: Arrival, system: dict[str, Any]) -> Arrival:
    """A changed number: the new one is a name of the same person from now on."""
    if text(system, "type") not in ("user_changed_number", "customer_changed_number"):
        return plain
    fresh = text(system, "wa_id") or text(system, "new_wa_id")
    if fresh is None or not fresh.isdecimal():
        return plain
    names = tuple(dict.fromkeys((*plain.names, fresh)))
    return replace(plain, kind="number_changed", names=names, address=fresh, phone=None)


def _receipt(account: str, status: dict[str, Any]) -> Receipt | None:
    state = text(status, "status")
    provider_id = text(status, "id", LONGEST_ID)
    if state not in STATES or state is None or provider_id is None:
        return None
    code = next((text(error, "code") for error in parts(status, "errors")), None)
    return Receipt(
        CHANNEL,
        account,
        state,
        provider_id=provider_id,
        outbound_id=text(status, "biz_opaque_callback_data"),
        code=code,
    )
