"""A desk with both platforms on, in one process, and Meta's side beside it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from desk import workflows as desk_workflows
from desk.channels.sending import Sender
from desk.channels.tables import arrivals, outbound
from desk.channels.taking import Taker
from desk.tables import conversations, messages
from returns.errors import PartnerError
from returns.shop_channels import Channels, Messenger, WhatsApp
from returns.work import WorkKind
from tests.desks import FakeRasa, WebClient
from tests.graph import (
    NUMBER,
    PAGE,
    Courier,
    GraphSimulator,
    Person,
    simulated,
)
from tests.houses import TestHouse
from tests.stack import without_limits

SECRETS = {
    "BONRETOUR_SECRET_META_APP": "0123456789abcdef0123456789abcdef",
    "BONRETOUR_SECRET_META_VERIFY": "a word of our own",
    "BONRETOUR_SECRET_WHATSAPP": "W" * 40,
    "BONRETOUR_SECRET_MESSENGER": "M" * 40,
}
TOKENS = {"whatsapp": "W" * 40, "messenger": "M" * 40}
SECRET = SECRETS["BONRETOUR_SECRET_META_APP"]
BOTH = Channels(
    whatsapp=WhatsApp(phone_number_id=NUMBER), messenger=Messenger(page_id=PAGE)
)
ON = {
    "  whatsapp: null\n": f'  whatsapp:\n    phone_number_id: "{NUMBER}"\n',
    "  messenger: null\n": f'  messenger:\n    page_id: "{PAGE}"\n',
}
NAMES = {"whatsapp": "33612345678", "messenger": "6501234567890123"}


@dataclass
class Desk:
    """The desk, the worker's hands, and the platforms."""

    house: TestHouse
    rasa: FakeRasa
    client: WebClient
    meta: GraphSimulator
    courier: Courier
    sender: Sender
    taker: Taker

    def person(
        self, channel: str, name: str = "", user_id: str | None = None
    ) -> Person:
        return Person(channel, name or NAMES[channel], user_id, self.house.clock.now)

    def work(self) -> None:
        """Do all that was pushed, as the worker would."""
        done: dict[WorkKind, Callable[[str], None]] = {
            WorkKind.TAKE_ARRIVAL: self.taker.take,
            WorkKind.SEND_OUTBOUND: self.sender.send,
            WorkKind.DELIVER_NOTICE: lambda i: desk_workflows.deliver_notice(
                self.house, i
            ),
        }
        self.client.let_it_push()
        while self.house.queue.pushed:
            item = self.house.queue.pushed.pop(0)
            if item.kind in done:
                done[item.kind](item.subject_id)

    def try_work(self) -> PartnerError | None:
        """As `work`, until a partner fails."""
        try:
            self.work()
        except PartnerError as error:
            return error
        return None

    def hear(self, person: Person, *texts: str) -> None:
        """The person writes, the desk answers."""
        self.wrote(person)
        events = [person.text(text) for text in texts]
        self.courier.bring(person.channel, *events, batch=50)
        self.work()

    def wrote(self, person: Person) -> None:
        """The platform's own note of when this person wrote last."""
        self.meta.wrote_at[person.name] = self.house.clock.now()
        if person.user_id:
            self.meta.wrote_at[person.user_id] = self.house.clock.now()

    def rows(self, table: sa.Table = arrivals) -> list[Any]:
        with self.house.reader.connect() as connection:
            return list(connection.execute(sa.select(table)).all())

    def states(self) -> list[str]:
        query = sa.select(outbound.c.state).order_by(
            outbound.c.created_at, outbound.c.seq, outbound.c.part
        )
        with self.house.reader.connect() as connection:
            return list(connection.execute(query).scalars())

    def said(self, author: str = "customer") -> list[str]:
        query = (
            sa.select(messages.c.text)
            .where(messages.c.author == author)
            .order_by(messages.c.conversation_id, messages.c.seq)
        )
        with self.house.reader.connect() as connection:
            return list(connection.execute(query).scalars())

    def talks(self) -> list[Any]:
        return self.rows(conversations)


def set_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


def with_both(house: TestHouse) -> None:
    free = replace(house.shop.limits, enabled=False)
    house.shop = replace(house.shop, channels=BOTH, limits=free)


@contextmanager
def platforms(
    house: TestHouse,
    rasa: FakeRasa,
    client: WebClient,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Desk]:
    set_secrets(monkeypatch)
    with_both(house)
    with simulated(SECRET, TOKENS) as meta:
        meta.now = house.clock.now
        monkeypatch.setenv("BONRETOUR_GRAPH_URL", meta.url)
        sender = Sender(house)
        taker = Taker(house, rasa, sender.graph)
        courier = Courier(post_by(client), SECRET)
        yield Desk(house, rasa, client, meta, courier, sender, taker)
        sender.close()


def post_by(client: WebClient) -> Callable[[str, bytes, dict[str, str]], int]:
    def post(path: str, body: bytes, headers: dict[str, str]) -> int:
        return client.post(path, content=body, headers=headers).status_code

    return post


def shop_with_both(folder: Path) -> Path:
    """The project's own shop.yml, without limits, with both platforms."""
    path = without_limits(folder)
    text = path.read_text(encoding="utf-8")
    for off, on in ON.items():
        assert off in text
        text = text.replace(off, on)
    path.write_text(text, encoding="utf-8")
    return path
