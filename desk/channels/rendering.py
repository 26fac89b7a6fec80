"""One message of the desk as the calls that show it on a platform (M7). Pure.

Choices become buttons, a list or quick replies while they fit; beyond that they are
numbered lines, and the customer types a number.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from desk.channels.cutting import length, split, title

Payload = dict[str, Any]
Button = dict[str, Any]
Plan = Literal["text", "buttons", "list", "quick", "numbered"]

REPLY_BUTTONS, REPLY_TITLE, REPLY_BODY = 3, 20, 1024
LIST_ROWS, LIST_TITLE, LIST_DETAIL, LIST_BODY, LIST_BUTTON = 10, 24, 72, 4096, 20
WHATSAPP_TEXT = 4096
QUICK_REPLIES, QUICK_TITLE, MESSENGER_TEXT = 13, 20, 2000
TEMPLATE_BUTTONS, TEMPLATE_TITLE, TEMPLATE_TEXT = 3, 20, 640
NUMBERS = re.compile(r"\d{1,3}", re.ASCII)
# What may stand between numbers: "1, 3 et 5", "1 and 2", "n° 2".
BETWEEN = re.compile(
    r"(?:\s|[,;.&+/()-]|\bet\b|\band\b|n[°ºo]|numéros?|numbers?|\bles?\b|\bthe\b)*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Words:
    """What the desk itself adds, in the customer's language.

    open_list: at most 20 characters. one, many: how to answer with numbers.
    """

    open_list: str
    one: str
    many: str


def plan(channel: str, buttons: Sequence[Button], choose: str) -> Plan:
    """How the choices are shown."""
    if not buttons:
        return "text"
    if choose == "many" and len(buttons) > 1:
        return "numbered"
    titles = [button["title"] for button in buttons]
    count = len(titles)
    if channel == "messenger":
        fits = _distinct(titles, QUICK_TITLE)
        if not fits or count > QUICK_REPLIES:
            return "numbered"
        return "buttons" if count <= TEMPLATE_BUTTONS else "quick"
    if count <= REPLY_BUTTONS and _distinct(titles, REPLY_TITLE):
        return "buttons"
    return "list" if count <= LIST_ROWS else "numbered"


def render(
    channel: str, text: str, buttons: Sequence[Button], choose: str, words: Words
) -> list[Payload]:
    """The platform's own message objects, in order; [] when nothing is said."""
    shown = plan(channel, buttons, choose)
    if shown == "numbered":
        text = numbered(text, buttons, words.many if choose == "many" else words.one)
    if channel == "messenger":
        return _messenger(shown, text, buttons)
    return _whatsapp(shown, text, buttons, words)


def numbered(text: str, buttons: Sequence[Button], hint: str) -> str:
    lines = [
        f"{n}. {_told(button)}" for n, button in enumerate(buttons, 1) if _told(button)
    ]
    return "\n\n".join(part for part in (text, "\n".join(lines), hint) if part)


def picked(
    channel: str, buttons: Sequence[Button], choose: str, said: str
) -> tuple[str, ...]:
    """The ids of the choices whose numbers were typed; () when it is no such answer."""
    if plan(channel, buttons, choose) != "numbered":
        return ()
    numbers = [int(found) for found in NUMBERS.findall(said)]
    around = NUMBERS.sub(" ", said)
    inside = all(1 <= number <= len(buttons) for number in numbers)
    if not numbers or not inside or not BETWEEN.fullmatch(around):
        return ()
    if choose != "many" and len(set(numbers)) > 1:
        return ()
    return tuple(dict.fromkeys(str(buttons[n - 1]["id"]) for n in numbers))


def _told(button: Button) -> str:
    """Title and detail of a choice, on one line."""
    detail = button.get("detail")
    whole = f"{button['title']} ({detail})" if detail else str(button["title"])
    return " ".join(whole.split())


def _distinct(titles: Sequence[str], limit: int) -> bool:
    """Whether every title can be shown whole, and none twice."""
    lines = [" ".join(one.split()) for one in titles]
    whole = all(line and length(line) <= limit for line in lines)
    return whole and len(set(lines)) == len(lines)


def _whatsapp(
    shown: Plan, text: str, buttons: Sequence[Button], words: Words
) -> list[Payload]:
    if shown in ("text", "numbered"):
        return [_plain(piece) for piece in split(text, WHATSAPP_TEXT)]
    most = REPLY_BODY if shown == "buttons" else LIST_BODY
    *before, body = split(text, most) or [words.open_list]
    if shown == "buttons":
        action: Payload = {"buttons": [_reply_button(one) for one in buttons]}
    else:
        rows = [_row(one) for one in buttons]
        opener = title(words.open_list, LIST_BUTTON)
        action = {"button": opener, "sections": [{"rows": rows}]}
    interactive = {
        "type": "button" if shown == "buttons" else "list",
        "body": {"text": body},
        "action": action,
    }
    last = {"type": "interactive", "interactive": interactive}
    return [*(_plain(piece) for piece in before), last]


def _plain(piece: str) -> Payload:
    return {"type": "text", "text": {"body": piece, "preview_url": False}}


def _reply_button(button: Button) -> Payload:
    shown = title(button["title"], REPLY_TITLE)
    return {"type": "reply", "reply": {"id": button["id"], "title": shown}}


def _row(button: Button) -> Payload:
    """What the short title leaves out stands below it."""
    shown = title(button["title"], LIST_TITLE)
    row = {"id": button["id"], "title": shown}
    whole = " ".join(str(button["title"]).split())
    below = button.get("detail") if shown == whole else _told(button)
    return {**row, "description": title(below, LIST_DETAIL)} if below else row


def _messenger(shown: Plan, text: str, buttons: Sequence[Button]) -> list[Payload]:
    pieces = split(text, MESSENGER_TEXT)
    if shown in ("text", "numbered"):
        return [{"text": piece} for piece in pieces]
    *before, last = pieces or ["…"]
    if shown == "buttons" and length(last) <= TEMPLATE_TEXT:
        told: Payload = _button_template(last, buttons)
    else:
        told = {"text": last, "quick_replies": [_quick_reply(one) for one in buttons]}
    return [*({"text": piece} for piece in before), told]


def _button_template(text: str, buttons: Sequence[Button]) -> Payload:
    shown = [
        {
            "type": "postback",
            "title": title(button["title"], TEMPLATE_TITLE),
            "payload": button["id"],
        }
        for button in buttons
    ]
    payload = {"template_type": "button", "text": text, "buttons": shown}
    return {"attachment": {"type": "template", "payload": payload}}


def _quick_reply(button: Button) -> Payload:
    return {
        "content_type": "text",
        "title": title(button["title"], QUICK_TITLE),
        "payload": button["id"],
    }
