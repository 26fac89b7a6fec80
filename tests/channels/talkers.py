"""Customers on Messenger and WhatsApp, through Meta's side."""

import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from desk.channels.tables import arrivals, channel_aliases, outbound
from desk.tables import inbound_messages
from returns.clock import Clock
from tests.faults.journeys import eventually
from tests.graph import Courier, GraphSimulator, Item, Person, Sent
from tests.stack import Stack

WORDS = {
    "fr": ("ma robe est arrivée déchirée, je veux être remboursée", "oui"),
    "en": ("hello, my dress arrived torn, I want a refund please", "yes"),
}
Say = Callable[[str], str]
_numbers = itertools.count(1)


def return_a_dress(say: Say, show: Say, order: dict[str, Any], language: str) -> None:
    """A whole talk, on any channel, up to the address; show: a photo, its caption."""
    wish, yes = WORDS[language]
    say(wish)
    say(order["order_number"])
    say(order["customer"]["email"])
    show("")
    told = say(yes)
    assert "NRD-" in told, told


@dataclass
class Platforms:
    stack: Stack
    meta: GraphSimulator
    courier: Courier

    def somebody(self, channel: str) -> "Talker":
        """A new customer, who speaks French by the number's country."""
        number = f"336{os.getpid() % 10_000:04}{next(_numbers):04}"
        return Talker(self, Person(channel, number, clock=Clock().now))


@dataclass
class Talker:
    """One customer; what they read is what the platform was given for them."""

    platforms: Platforms
    person: Person
    read: int = 0

    @property
    def channel(self) -> str:
        return self.person.channel

    def bring(self, *events: Item, **how: Any) -> None:
        self.platforms.meta.wrote_at[self.person.name] = Clock().now()
        self.platforms.courier.bring(self.channel, *events, **how)

    def say(self, text: str) -> str:
        return self.do(self.person.text(text))

    def show(self, content: bytes, caption: str = "") -> str:
        media_id = self.platforms.meta.add_media(content)
        whatsapp = self.channel == "whatsapp"
        where = media_id if whatsapp else self.platforms.meta.link(media_id)
        return self.do(self.person.photo(where, caption))

    def press(self, title: str) -> str:
        """The newest choice whose title begins so."""
        offered = [c for sent in self.sent for c in sent.choices]
        token = next(t for shown, t in reversed(offered) if shown.startswith(title))
        return self.do(self.person.press(token, title))

    def do(self, event: Item) -> str:
        """Everything that is answered to this event."""
        self.bring(event)
        eventually(self.is_quiet, f"an answer to {event}")
        fresh = self.sent[self.read :]
        self.read = len(self.sent)
        return "\n".join(sent.text for sent in fresh)

    @property
    def sent(self) -> list[Sent]:
        return self.platforms.meta.to(self.person.name)

    def is_quiet(self) -> bool:
        """All that was said is taken and answered, and every answer is out."""
        talk = self.conversation_id
        if talk is None:
            return False
        waiting = (
            sa.select(arrivals.c.arrival_id).where(
                arrivals.c.sender == self.person.name, arrivals.c.state == "waiting"
            ),
            sa.select(inbound_messages.c.inbound_id).where(
                inbound_messages.c.conversation_id == talk,
                inbound_messages.c.state != "answered",
            ),
            sa.select(outbound.c.outbound_id).where(
                outbound.c.conversation_id == talk,
                outbound.c.state.in_(("waiting", "sending")),
            ),
        )
        with self.platforms.stack.house.reader.connect() as connection:
            return all(connection.execute(query).first() is None for query in waiting)

    @property
    def conversation_id(self) -> str | None:
        query = sa.select(channel_aliases.c.conversation_id).where(
            channel_aliases.c.alias == self.person.name
        )
        with self.platforms.stack.house.reader.connect() as connection:
            found: str | None = connection.execute(query).scalar()
        return found

    def turns(self) -> list[str]:
        """What reached the bot, in the order of its turns."""
        query = (
            sa.select(inbound_messages.c.text)
            .where(inbound_messages.c.conversation_id == self.conversation_id)
            .order_by(inbound_messages.c.answered_at, inbound_messages.c.seq)
        )
        with self.platforms.stack.house.reader.connect() as connection:
            return list(connection.execute(query).scalars())
