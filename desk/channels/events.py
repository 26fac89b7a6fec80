"""What a webhook of either platform says, in our words. Pure.

Whatever is not understood is left out: a signed webhook never fails, or Meta would
send it again for seven days.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Kind = Literal["text", "button", "photo", "other", "number_changed"]
NAMESPACE = uuid.UUID("5b0d3c1e-6f0a-4f0e-9d3c-2f8f6f0c7a11")
LONGEST_NAME = 200
LONGEST_ID = 400


@dataclass(frozen=True)
class Media:
    """Either an id to be asked for or, on Messenger, an address.

    sha256: as the platform told it, None when it did not.
    """

    media_id: str | None = None
    url: str | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Arrival:
    """One thing that a person did.

    sender: the name that all of this person's events are put in order by.
    names: all names of this person, the surest first. address: where to answer.
    phone: digits that the platform vouches for. at: by the platform's clock.
    other: what the platform calls a kind that we cannot read.
    """

    channel: str
    account: str
    provider_id: str
    sender: str
    names: tuple[str, ...]
    address: str
    at: datetime
    kind: Kind
    text: str = ""
    button: str | None = None
    media: tuple[Media, ...] = field(default=())
    phone: str | None = None
    other: str | None = None

    @property
    def arrival_id(self) -> str:
        """The same for the same event, however often it comes."""
        return str(uuid.uuid5(NAMESPACE, f"{self.channel}/{self.provider_id}"))


@dataclass(frozen=True)
class Receipt:
    """What became of something we sent: by its own id or by ours.

    read_until: Messenger's "all until then". code: Meta's, of a failure.
    """

    channel: str
    account: str
    state: str  # sent, delivered, read, failed
    provider_id: str | None = None
    outbound_id: str | None = None
    code: str | None = None
    sender: str | None = None
    read_until: datetime | None = None


@dataclass(frozen=True)
class Events:
    """All that one webhook brought."""

    arrivals: list[Arrival] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)

    def of_account(self, account: str) -> "Events":
        """Without what is addressed to somebody else's page or number."""
        return Events(
            [one for one in self.arrivals if one.account == account],
            [one for one in self.receipts if one.account == account],
        )


def part(value: Any, *names: str) -> dict[str, Any]:
    """The object that lies under these names; {} where there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def parts(value: Any, name: str) -> Iterator[dict[str, Any]]:
    """The objects of the list under this name."""
    found = value.get(name) if isinstance(value, dict) else None
    for one in found if isinstance(found, list) else ():
        if isinstance(one, dict):
            yield one


def text(value: Any, name: str, longest: int = LONGEST_NAME) -> str | None:
    """The text or number under this name; None for nothing, or for too much."""
    found = value.get(name) if isinstance(value, dict) else None
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    if not isinstance(found, str) or not found or len(found) > longest:
        return None
    return found


def moment(stamp: str | None, per_second: int = 1) -> datetime | None:
    """stamp: of Unix time. None for what is no time."""
    if stamp is None or not stamp.isascii() or not stamp.isdecimal():
        return None
    try:
        return datetime.fromtimestamp(int(stamp) / per_second, UTC)
    except (ValueError, OverflowError, OSError):
        return None
