"""What one event of a platform means in its conversation."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Row

from desk import handoffs, inbox, transcript
from desk.channels import outbox, people, rendering
from desk.channels.tables import arrivals
from desk.tables import inbound_messages, messages
from returns.unit import Unit
from returns.wiring import House


class Listener:
    """Tells the conversation what was said, or says what could not be heard."""

    def __init__(self, house: House) -> None:
        self._house = house

    def hear(
        self,
        unit: Unit,
        conversation_id: str,
        row: Row[Any],
        pictures: list[str],
        trouble: str | None,
        old: bool,
    ) -> None:
        """trouble: the response for photos that cannot be had. old: came a day late."""
        body = row.body
        conversation = transcript.get_conversation(unit.connection, conversation_id)
        if body["kind"] == "number_changed":
            people.number_changed(unit, conversation_id)
        elif body["kind"] == "other":
            self._note(unit, conversation_id, f"[{body['other']}]")
            self._say_once(unit, conversation, "utter_kind_not_read")
        elif old:
            self._note(unit, conversation_id, body["text"] or f"[{body['kind']}]")
            self._say_once(unit, conversation, "utter_wrote_yesterday")
        elif self._is_too_fast(unit, row):
            self._note(unit, conversation_id, body["text"] or f"[{body['kind']}]")
            self._say_once(unit, conversation, "utter_too_many_messages")
        elif len(body["text"]) > self._limit:
            self._note(unit, conversation_id, body["text"])
            told = {"limit": self._limit}
            self._say_once(unit, conversation, "utter_text_too_long", told)
        else:
            if trouble is not None:
                self._say_trouble(unit, conversation, trouble, body["text"])
            if trouble is None or body["text"]:
                self._receive(unit, conversation, row, pictures)

    def note_for_person(self, conversation_id: str) -> None:
        """As on the web: once while nobody has taken over yet."""
        query = (
            sa.select(inbound_messages.c.inbound_id)
            .where(inbound_messages.c.conversation_id == conversation_id)
            .order_by(inbound_messages.c.seq.desc())
        )
        with self._house.reader.connect() as connection:
            latest = connection.execute(query.limit(1)).scalar()
        if latest is not None:
            handoffs.note_for_person(self._house, conversation_id, latest)

    def _is_too_fast(self, unit: Unit, row: Row[Any]) -> bool:
        """E13, by the platform's clock: what was held up on the way is no flood."""
        limits = self._house.shop.limits
        if not limits.enabled:
            return False
        for span, most in (
            (timedelta(minutes=1), limits.messages_per_minute),
            (timedelta(days=1), limits.messages_per_day),
        ):
            query = sa.select(sa.func.count()).where(
                arrivals.c.channel == row.channel,
                arrivals.c.sender == row.sender,
                arrivals.c.state == "taken",  # in order, this one too
                arrivals.c.at <= row.at,
                arrivals.c.at > row.at - span,
            )
            if unit.connection.execute(query).scalar_one() > most:
                return True
        return False

    @property
    def _limit(self) -> int:
        return self._house.shop.limits.text_characters

    def _receive(
        self, unit: Unit, conversation: Row[Any], row: Row[Any], pictures: list[str]
    ) -> None:
        """A turn's message; of a spent button the open question is shown again."""
        conversation_id = conversation.conversation_id
        button_ids = self._pressed(unit, conversation, row.body)
        text = None if button_ids else row.body["text"] or None
        incoming = inbox.Incoming(row.arrival_id, text, button_ids, tuple(pictures))
        try:
            with unit.connection.begin_nested():
                inbox.receive_in(unit, conversation_id, incoming)
        except inbox.NothingSaid:
            self._show_open_question(unit, conversation)

    def _pressed(
        self, unit: Unit, conversation: Row[Any], body: dict[str, Any]
    ) -> tuple[str, ...]:
        """A button, or the choices whose numbers were typed."""
        if body["button"] is not None:
            return (body["button"],)
        asked = transcript.last_question(unit.connection, conversation.conversation_id)
        if not asked or body["kind"] != "text" or _closed(unit, asked[0]):
            return ()
        buttons, choose = asked[0].buttons, asked[0].choose
        return rendering.picked(conversation.channel, buttons, choose, body["text"])

    def _show_open_question(self, unit: Unit, conversation: Row[Any]) -> None:
        rows = transcript.last_question(unit.connection, conversation.conversation_id)
        transcript.renew_buttons(unit, rows)
        for row in rows:
            outbox.again(unit, conversation, row)

    def _note(self, unit: Unit, conversation_id: str, text: str) -> None:
        """Kept in the transcript, and no turn is taken on it."""
        transcript.add(unit, conversation_id, transcript.Line("customer", text))

    def _say_once(
        self,
        unit: Unit,
        conversation: Row[Any],
        response: str,
        params: dict[str, Any] | None = None,
    ) -> None:
        """Not again while it is the last thing that was said."""
        if _last_said(unit, conversation.conversation_id) != response:
            transcript.add_own_word(self._house, unit, conversation, response, params)

    def _say_trouble(
        self, unit: Unit, conversation: Row[Any], response: str, text: str
    ) -> None:
        if not text:
            self._note(unit, conversation.conversation_id, "[photo]")
        limit = {"limit": self._house.shop.limits.upload_megabytes}
        transcript.add_own_word(self._house, unit, conversation, response, limit)


def _closed(unit: Unit, asked: Row[Any]) -> bool:
    """Whether the customer has said something since."""
    query = sa.select(messages.c.seq).where(
        messages.c.conversation_id == asked.conversation_id,
        messages.c.author == "customer",
        messages.c.seq > asked.seq,
    )
    return unit.connection.execute(query.limit(1)).first() is not None


def _last_said(unit: Unit, conversation_id: str) -> str | None:
    query = (
        sa.select(messages.c.response)
        .where(
            messages.c.conversation_id == conversation_id,
            messages.c.author != "customer",
        )
        .order_by(messages.c.seq.desc())
    )
    said: str | None = unit.connection.execute(query.limit(1)).scalar()
    return said
