"""A shop's two years of conversations, made up and written in bulk.

Shapes are those of real ones (tests hold the counts of a small crowd): a greeting, the
customer's messages with their readings, the bot's answers, and for most a return.
"""

import random
import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from benchmarks.tools import crowd_writing
from benchmarks.tools.crowd_rows import (
    ANSWERS,
    FAULTS,
    OPENINGS,
    RARE,
    WISHES,
    draft_row,
    history_row,
    inbound_row,
    line_row,
    order_row,
    reading_row,
    refund_row,
    return_line_row,
    return_row,
    task_row,
)
from benchmarks.tools.crowd_writing import Rows
from desk.console.tables import (
    conversation_labels,
    line_reasons,
    message_stems,
    reading_reasons,
    readings,
)
from desk.stems import stems
from desk.tables import conversations, inbound_messages, messages
from returns.model import ReturnReason
from returns.tables import (
    drafts,
    order_lines,
    orders,
    ratings,
    refunds,
    return_history,
    return_lines,
    returns,
    tasks,
)

SEED = 20_261_124
PIECE = 1000  # conversations in one transaction
DAYS = 730
EACH = 10  # messages
SUPPLIERS = ("Nordlys Apparel", "Maison Lumen", "Kado Factory", "Shenzhen Brightway")
PRODUCTS = 400
REASONS = tuple(reason.value for reason in ReturnReason)
INTENTS = ("give_reason", "request_return", "request_refund", "inform", "affirm")
STATUSES = ("closed", "closed", "closed", "authorised", "declined", "cancelled")
LABELS = ("vip", "urgent", "photo", "relance")


@dataclass(frozen=True)
class Crowd:
    """How many there are."""

    conversations: int
    messages: int
    cases: int


def fill(engine: Engine, count: int, now: datetime, days: int = DAYS) -> Crowd:
    """Write so many conversations of EACH messages into a migrated database.

    days: that they are spread over, up to now.
    """
    made = _Maker(random.Random(SEED), now, days)
    cases = 0
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            crowd_writing.hurry(connection)
        for start in range(0, count, PIECE):
            rows: Rows = defaultdict(list)
            for number in range(start, min(start + PIECE, count)):
                made.conversation(rows, number)
            cases += len(rows[returns])
            with connection.begin():
                words = rows.pop(message_stems, [])
                for table, found in crowd_writing.in_order(rows):
                    crowd_writing.write(connection, table, found)
                crowd_writing.add_words(connection, words)
        with connection.begin():
            crowd_writing.sort_in(connection)
        connection.invalidate()  # it was in a hurry; nobody else shall be
    return Crowd(count, count * EACH, cases)


class _Maker:
    def __init__(self, made: random.Random, now: datetime, days: int) -> None:
        self.made, self.now, self.days = made, now, days
        self.stems: dict[str, list[str]] = {}

    def conversation(self, rows: Rows, number: int) -> None:
        made = self.made
        talk = str(uuid.UUID(int=made.getrandbits(128)))
        at = self.now - timedelta(seconds=made.random() * self.days * 86_400)
        lowest = self._messages(rows, talk, at)
        handed = at + timedelta(minutes=1) if made.random() < 0.15 else None
        waits = number % 2500 == 0
        rows[conversations].append(
            {
                "conversation_id": talk,
                "channel": "web",
                "channel_user_id": talk,
                "language": "fr" if made.random() < 0.8 else "en",
                "mode": "waiting" if waits else "bot",
                "handoff": {"reason": "asked_for_person", "summary": {}}
                if waits
                else None,
                "waiting_since": at if waits else None,
                "last_seq": EACH,
                "told_rasa_seq": EACH,
                "created_at": at,
                "last_at": at + timedelta(minutes=5),
                "lowest_confidence": lowest,
                "reviewed_at": self.now if made.random() < 0.3 else None,
                "reviewed_by": "Inès",
                "answered_in_ms": made.randrange(80, 900),
                "handed_over_at": handed,
                "person_answered_at": handed and handed + timedelta(minutes=7),
            }
        )
        if made.random() < 0.05:
            told = {"label": made.choice(LABELS), "at": at, "by": "Inès"}
            rows[conversation_labels].append({"conversation_id": talk, **told})
        self._order(rows, talk, number, at)

    def _messages(self, rows: Rows, talk: str, at: datetime) -> float:
        """The lowest confidence."""
        lowest = 1.0
        for seq in range(1, EACH + 1):
            by_customer = seq % 2 == 0
            inbound_id = str(uuid.UUID(int=self.made.getrandbits(128)))
            text = self._said() if by_customer else self.made.choice(ANSWERS)
            moment = at + timedelta(seconds=30 * seq)
            rows[messages].append(
                {
                    "conversation_id": talk,
                    "seq": seq,
                    "id": str(uuid.UUID(int=self.made.getrandbits(128))),
                    "at": moment,
                    "author": "customer" if by_customer else "bot",
                    "text": text,
                    "images": [],
                    "buttons": [],
                    "choose": "one",
                    "inbound_id": inbound_id if by_customer else None,
                }
            )
            if seq > 1:
                rows[message_stems] += [
                    {"stem": stem, "conversation_id": talk, "seq": seq}
                    for stem in self._stems(text)
                ]
            if by_customer:
                lowest = min(lowest, self._reading(rows, talk, seq, inbound_id, moment))
        return lowest

    def _said(self) -> str:
        made = self.made
        words = [made.choice(OPENINGS), made.choice(FAULTS), made.choice(WISHES)]
        if made.random() < 0.001:
            words.append(made.choice(RARE))
        return ", ".join(filter(None, words))

    def _stems(self, text: str) -> list[str]:
        if text not in self.stems:
            self.stems[text] = stems(text)
        return self.stems[text]

    def _reading(
        self, rows: Rows, talk: str, seq: int, inbound_id: str, at: datetime
    ) -> float:
        made = self.made
        confidence = round(1 - made.random() ** 3 * 0.8, 3)
        missed = made.random() < 0.04
        intent = "nlu_fallback" if missed else made.choice(INTENTS)
        wrong = made.random() < 0.01
        ours = {"inbound_id": inbound_id, "conversation_id": talk, "seq": seq}
        reasons = [made.choice(REASONS)] if seq == 2 else []
        read = {"intent": intent, "confidence": confidence}
        rows[reading_reasons] += [
            {"reason": one, "conversation_id": talk, "inbound_id": inbound_id}
            for one in ([] if wrong else reasons)
        ]
        rows[readings].append(
            reading_row({**ours, **read, "at": at, "reasons": reasons}, wrong)
        )
        rows[inbound_messages].append(inbound_row(ours, read, at))
        return confidence

    def _order(self, rows: Rows, talk: str, number: int, at: datetime) -> None:
        made = self.made
        order_number = f"FR-{100_000 + number}"
        rows[orders].append(order_row(order_number, at - timedelta(days=9)))
        lines = 2 if made.random() < 0.2 else 1
        supplier, product = made.choice(SUPPLIERS), 0
        for position in range(lines):
            product = int(PRODUCTS * made.random() ** 2)
            supplier = SUPPLIERS[product % len(SUPPLIERS)]
            rows[order_lines].append(
                line_row(order_number, position, product, supplier)
            )
        rows[drafts].append(draft_row(talk, order_number, at))
        if made.random() < 0.6:
            self._case(rows, talk, order_number, supplier, lines, at)

    def _case(
        self,
        rows: Rows,
        talk: str,
        order_number: str,
        supplier: str,
        lines: int,
        at: datetime,
    ) -> None:
        made = self.made
        return_id, status = f"R-{order_number}", made.choice(STATUSES)
        claim = None
        if made.random() < 0.1:
            state = made.choice(("open", "won", "lost"))
            claim = {"state": state, "amount_minor": 4990, "currency": "EUR"}
        rows[returns].append(
            return_row(return_id, talk, order_number, supplier, status, claim, at)
        )
        for position in range(lines):
            reason = made.choice(REASONS)
            line_id = f"{order_number}/{position}"
            rows[return_lines].append(
                return_line_row(return_id, line_id, order_number, reason)
            )
            if made.random() < 0.02:
                told = {"right_reason": made.choice(REASONS), "at": at, "by": "Inès"}
                rows[line_reasons].append(
                    {"return_id": return_id, "line_id": line_id, **told}
                )
        answered = at + timedelta(hours=made.random() * 20)
        rows[return_history].append(history_row(return_id, answered))
        rows[refunds].append(refund_row(return_id, order_number, at))
        if made.random() < 0.2:
            told = {"rating": made.randrange(1, 6), "at": at}
            rows[ratings].append({"return_id": return_id, **told})
        if made.random() < 0.005:
            rows[tasks].append(task_row(return_id, order_number, at))
