"""From a stored event to a message of its conversation, in the order it was said (E7).

Meta keeps no order. Events wait for a moment for those that were said before them,
then go one by one, by the platform's own time.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy import ColumnElement, Row

from desk import transcript, turns, uploads
from desk.channels import media, people
from desk.channels.graph import Graph
from desk.channels.speaking import Listener
from desk.channels.tables import arrivals
from desk.rasa import RasaClient, RasaUnavailable
from returns.errors import PartnerError, PictureRefused, TooManyPictures
from returns.failpoints import failpoint
from returns.sql import lock_row
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import WorkKind, finish_work

REORDER = timedelta(milliseconds=400)
OLD = timedelta(hours=24)
PHOTO_TRIES = 3
# What was said is in the transcript from then on, and nowhere else.
STILL_NEEDED = ("names", "address", "phone")
# WhatsApp tells whole seconds; what was said in the same one goes as it came.
ORDER = ("at", "received_at", "place")

_log = structlog.get_logger()


class Taker:
    """One per worker. graph_of: the client of a channel."""

    def __init__(
        self, house: House, rasa: RasaClient, graph_of: Callable[[str], Graph]
    ) -> None:
        self._house = house
        self._rasa = rasa
        self._graph_of = graph_of
        self._listener = Listener(house)

    def take(self, arrival_id: str) -> None:
        """Take what this person said up to here, then answer. Raises PartnerError.

        Raises nothing for Rasa: what it does not answer now, the sweep asks again.
        """
        with self._house.reader.connect() as connection:
            query = sa.select(arrivals).where(arrivals.c.arrival_id == arrival_id)
            row = connection.execute(query).first()
        if row is not None:
            self._wait_for_earlier(row)
            conversation_id = self._take_all(row)
            if conversation_id is not None:
                self._answer(conversation_id)
        with writing(self._house) as unit:
            finish_work(unit.connection, WorkKind.TAKE_ARRIVAL, arrival_id)

    def _wait_for_earlier(self, row: Row[Any]) -> None:
        left = row.received_at + REORDER - self._house.clock.now()
        if row.state == "waiting" and left > timedelta(0):
            time.sleep(min(left, REORDER).total_seconds())

    def _take_all(self, mine: Row[Any]) -> str | None:
        """The conversation; None when others took all of it."""
        conversation_id = None
        while (row := self._oldest(mine)) is not None:
            conversation_id = self._take_one(row)
            failpoint("arrival.taken")
        return conversation_id or self._conversation_of(mine)

    def _oldest(self, mine: Row[Any]) -> Row[Any] | None:
        """Nothing that was said after the latest event which has waited long enough."""
        here = (
            arrivals.c.channel == mine.channel,
            arrivals.c.sender == mine.sender,
            arrivals.c.state == "waiting",
        )
        ripe = max(self._house.clock.now() - REORDER, mine.received_at)
        with self._house.reader.connect() as connection:
            waited = sa.select(sa.func.max(arrivals.c.at)).where(
                *here, arrivals.c.received_at <= ripe
            )
            query = (
                sa.select(arrivals)
                .where(*here, arrivals.c.at <= waited.scalar_subquery())
                .order_by(*(arrivals.c[name] for name in ORDER))
            )
            return connection.execute(query.limit(1)).first()

    def _take_one(self, row: Row[Any]) -> str | None:
        conversation_id = None
        pictures: list[str] = []
        trouble: str | None = None
        if row.body["kind"] == "photo":
            with writing(self._house) as unit:
                conversation_id = people.conversation_of(
                    self._house, unit, row.channel, row.body
                )
            pictures, trouble = self._pictures(row, conversation_id)
        failpoint("arrival.before_commit")
        with writing(self._house) as unit:
            conversation_id = self._hear(unit, row, pictures, trouble)
        failpoint("arrival.after_commit")
        return conversation_id

    def _pictures(
        self, row: Row[Any], conversation_id: str
    ) -> tuple[list[str], str | None]:
        """upload_ids, and the response for photos that cannot be had.

        Raises PartnerError while it is worth trying again.
        """
        try:
            graph = self._graph_of(row.channel)
            found = row.body["media"]
            return media.keep(self._house, graph, conversation_id, found), None
        except PictureRefused as refusal:
            return [], uploads.REFUSALS[refusal.reason][2]
        except TooManyPictures:
            return [], "utter_upload_too_many"
        except PartnerError as error:
            _log.warning(
                "arrival.photo.failed",
                arrival_id=row.arrival_id,
                reason=error.reason,
            )
            if self._try_again(row):
                raise
            return [], "utter_photo_not_received"

    def _try_again(self, row: Row[Any]) -> bool:
        with writing(self._house) as unit:
            unit.connection.execute(
                arrivals.update().where(_is(row)).values(tries=arrivals.c.tries + 1)
            )
        return bool(row.tries + 1 < PHOTO_TRIES)

    def _hear(
        self, unit: Unit, row: Row[Any], pictures: list[str], trouble: str | None
    ) -> str | None:
        """Into the conversation, unless somebody took it meanwhile."""
        lock_row(unit.connection, arrivals, _is(row))
        taken = unit.connection.execute(
            arrivals.update()
            .where(_is(row), arrivals.c.state == "waiting")
            .values(state="taken", body={name: row.body[name] for name in STILL_NEEDED})
        )
        conversation_id = people.conversation_of(
            self._house, unit, row.channel, row.body
        )
        if taken.rowcount != 1:
            return conversation_id
        people.note_inbound(unit, conversation_id, row.at)
        old = row.received_at - row.at > OLD
        self._listener.hear(unit, conversation_id, row, pictures, trouble, old)
        finish_work(unit.connection, WorkKind.TAKE_ARRIVAL, row.arrival_id)
        return conversation_id

    def _conversation_of(self, row: Row[Any]) -> str:
        with writing(self._house) as unit:
            return people.conversation_of(self._house, unit, row.channel, row.body)

    def _answer(self, conversation_id: str) -> None:
        """By the bot, or noted for the person who has the conversation."""
        with self._house.reader.connect() as connection:
            conversation = transcript.get_conversation(connection, conversation_id)
        if conversation.mode != "bot":
            self._listener.note_for_person(conversation_id)
            return
        try:
            turns.answer_all(self._house, self._rasa, conversation_id)
        except RasaUnavailable as error:
            _log.warning("arrival.rasa.unavailable", reason=str(error))
            turns.say_it_takes_longer(self._house, conversation_id)


def _is(row: Row[Any]) -> ColumnElement[bool]:
    here: ColumnElement[bool] = arrivals.c.arrival_id == row.arrival_id
    return here
