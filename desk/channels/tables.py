"""What Meta brought, who writes there, and what goes out to them."""

import sqlalchemy as sa
from sqlalchemy import JSON, Column, Index, Integer, String, Table, UniqueConstraint

from returns.tables import Id, Moment, metadata

# One row for each event of a webhook, stored before it is acknowledged (E6).
arrivals = Table(
    "arrivals",
    metadata,
    Column("arrival_id", Id, primary_key=True),  # also the turn's message id
    Column("channel", String(20), nullable=False),
    Column("provider_id", String(400), nullable=False),
    Column("sender", String(200), nullable=False),
    Column("at", Moment, nullable=False),  # by the platform's clock
    Column("received_at", Moment, nullable=False),
    Column("place", Integer, nullable=False),  # among those received at that moment
    Column("body", JSON, nullable=False),
    Column("state", String(10), nullable=False),  # waiting, taken
    Column("tries", Integer, nullable=False),
    UniqueConstraint("channel", "provider_id"),
    Index("ix_arrivals_waiting", "channel", "sender", "state", "at"),
)

# Where a conversation's person is reached, and until when in free words.
channel_people = Table(
    "channel_people",
    metadata,
    Column("conversation_id", Id, primary_key=True),
    Column("channel", String(20), nullable=False),
    Column("address", String(200), nullable=False),  # phone, BSUID or PSID
    Column("last_inbound_at", Moment),
    Column("paced_until", Moment),
)

# All names of one person; a phone may be absent, and may change hands.
channel_aliases = Table(
    "channel_aliases",
    metadata,
    Column("channel", String(20), primary_key=True),
    Column("alias", String(200), primary_key=True),
    Column("conversation_id", Id, nullable=False, index=True),
)

# One row for each call of the platform's API that a message needs.
outbound = Table(
    "outbound",
    metadata,
    Column("outbound_id", Id, primary_key=True),
    Column("conversation_id", Id, nullable=False),
    Column("channel", String(20), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("part", Integer, nullable=False),
    Column("payload", JSON, nullable=False),
    # waiting, sending, accepted, sent, delivered, read, failed, elsewhere
    Column("state", String(10), nullable=False),
    Column("claim", Id),
    Column("claim_until", Moment),
    Column("provider_id", String(400), index=True),
    Column("code", String(60)),
    Column("tries", Integer, nullable=False),
    Column("notice_id", String(140)),
    Column("template", String(60)),
    Column("created_at", Moment, nullable=False),
    Column("accepted_at", Moment),
    Index("ix_outbound_next", "conversation_id", "state", "seq", "part"),
    Index("ix_outbound_open", "state", "accepted_at"),
    Index(
        "uq_outbound_one_sending",
        "conversation_id",
        unique=True,
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    ),
)
