"""The desk's tables; they share one database and one history with returns/tables.py."""

import sqlalchemy as sa
from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from desk.channels import tables as _channels  # noqa: F401  (one history)
from desk.console import safety_tables as _safety  # noqa: F401
from desk.console import tables as _console  # noqa: F401
from desk.figures import tables as _figures  # noqa: F401
from returns.tables import Id, Moment, metadata

conversations = Table(
    "conversations",
    metadata,
    Column("conversation_id", Id, primary_key=True),
    Column("channel", String(20), nullable=False),
    Column("channel_user_id", String(200), nullable=False),
    Column("language", String(2), nullable=False),
    Column("mode", String(10), nullable=False),  # bot, waiting, human
    Column("handoff", JSON),
    Column("waiting_since", Moment),
    Column("last_seq", Integer, nullable=False),
    Column("told_rasa_seq", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_at", Moment),  # of the last message
    Column("lowest_confidence", sa.Float),  # of what the bot understood, typed only
    Column("reviewed_at", Moment),
    Column("reviewed_by", String(120)),
    # Each set once, for statistics (desk/console/quality.py).
    Column("answered_in_ms", Integer),  # the customer's first message
    Column("handed_over_at", Moment),  # to a person, the first time
    Column("person_answered_at", Moment),
    UniqueConstraint("channel", "channel_user_id"),
    Index("ix_conversations_mode", "mode"),
    Index("ix_conversations_last_at", "last_at", "conversation_id"),
)

chat_sessions = Table(
    "chat_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column(
        "conversation_id",
        Id,
        ForeignKey("conversations.conversation_id"),
        nullable=False,
        index=True,
    ),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment, nullable=False),
)

inbound_messages = Table(
    "inbound_messages",
    metadata,
    Column("inbound_id", Id, primary_key=True),
    Column(
        "conversation_id",
        Id,
        ForeignKey("conversations.conversation_id"),
        nullable=False,
    ),
    Column("message_id", Id, nullable=False),
    Column("body_hash", String(64), nullable=False),
    Column("text", sa.Text, nullable=False),
    Column("payload", JSON),
    Column("upload_ids", JSON),
    Column("language", String(2), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("state", String(10), nullable=False),  # received, in_turn, answered
    Column("claim", Id),
    Column("claim_until", Moment),
    Column("received_at", Moment, nullable=False),
    Column("answered_at", Moment),
    Column("parse", JSON),
    Column("events", JSON),
    UniqueConstraint("conversation_id", "message_id"),
    Index("ix_inbound_open", "conversation_id", "state", "seq"),
    Index(
        "uq_inbound_one_in_turn",
        "conversation_id",
        unique=True,
        sqlite_where=sa.text("state = 'in_turn'"),
        postgresql_where=sa.text("state = 'in_turn'"),
    ),
)

messages = Table(
    "messages",
    metadata,
    Column(
        "conversation_id",
        Id,
        ForeignKey("conversations.conversation_id"),
        primary_key=True,
    ),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("id", Id, nullable=False, unique=True),
    Column("at", Moment, nullable=False),
    Column("author", String(10), nullable=False),  # customer, bot, staff
    Column("author_name", String(120)),
    Column("text", sa.Text, nullable=False),
    Column("images", JSON, nullable=False),
    Column("buttons", JSON, nullable=False),
    Column("choose", String(4), nullable=False),
    Column("expects", String(30)),
    Column("response", String(120)),
    Column("variation", Integer),
    Column("inbound_id", Id, index=True),
    Column("n", Integer),  # the reply's place in the answer; -1: the desk's own word
    Column("message_id", Id),
    Column("notice_id", String(140), unique=True),
    UniqueConstraint("inbound_id", "n"),
)

buttons = Table(
    "buttons",
    metadata,
    Column("button_id", Id, primary_key=True),
    Column("conversation_id", Id, nullable=False, index=True),
    Column("seq", Integer, nullable=False),
    Column("title", String(300), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("state", String(6), nullable=False),  # live, spent
    Column("expires_at", Moment, nullable=False),
)

supplier_events = Table(
    "supplier_events",
    metadata,
    Column("event_id", String(120), primary_key=True),
    Column("supplier", String(120), nullable=False),
    Column("received_at", Moment, nullable=False),
)
