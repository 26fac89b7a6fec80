"""What the desk says on a platform: rows beside the message, and work to send them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from bot import wording
from desk import texts
from desk.channels import rendering
from desk.channels.tables import outbound
from returns import ids
from returns.sql import insert_once
from returns.unit import Unit
from returns.work import WorkKind

CHANNELS = ("messenger", "whatsapp")
TEMPLATE_PART = 1000  # after all parts of the message that it stands for


@dataclass(frozen=True)
class Said:
    """One message of the transcript, as the platform is to show it."""

    conversation_id: str
    channel: str
    language: str
    seq: int
    text: str
    buttons: list[dict[str, Any]]
    choose: str = "one"
    notice_id: str | None = None


def post(unit: Unit, said: Said) -> None:
    """Commit to saying this there, in order after all that was said before."""
    payloads = rendering.render(
        said.channel, said.text, said.buttons, said.choose, words(said.language)
    )
    for part, payload in enumerate(payloads):
        outbound_id = ids.new_id()
        insert_once(
            unit.connection,
            outbound,
            outbound_id=outbound_id,
            conversation_id=said.conversation_id,
            channel=said.channel,
            seq=said.seq,
            part=part,
            payload=payload,
            state="waiting",
            tries=0,
            notice_id=said.notice_id,
            created_at=unit.now,
        )
        unit.will(WorkKind.SEND_OUTBOUND, outbound_id, at_once=part == 0)


def again(unit: Unit, conversation: Row[Any], message: Row[Any]) -> None:
    """A question that is still open, shown once more with its live choices."""
    text = signed(message.text, message.author_name)
    told = conversation.conversation_id, conversation.channel, conversation.language
    post(unit, Said(*told, message.seq, text, message.buttons, message.choose))


def signed(text: str, name: str | None) -> str:
    """A person's words bear the name; the platform shows them all as the shop's."""
    return f"{name} — {text}" if name else text


def words(language: str) -> rendering.Words:
    """What a rendered menu says of itself."""
    said = {
        name: wording.render(texts.responses(), f"utter_menu_{name}", language, {}).text
        for name in ("open_list", "one", "many")
    }
    return rendering.Words(**said)
