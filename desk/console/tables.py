"""The console's own tables, and the search index of the transcript."""

import sqlalchemy as sa
from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table

from returns.tables import Id, Moment, metadata

staff = Table(
    "staff",
    metadata,
    Column("staff_id", Id, primary_key=True),
    Column("email", String(320), nullable=False, unique=True),  # lower case
    Column("name", String(120), nullable=False),  # the first name customers see
    Column("role", String(10), nullable=False),
    Column("language", String(2), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("must_change", Boolean, nullable=False),  # the password was made by us
    Column("created_at", Moment, nullable=False),
    Column("disabled_at", Moment),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("session_id", Id, nullable=False, unique=True),  # what lists show
    Column("staff_id", Id, ForeignKey("staff.staff_id"), nullable=False, index=True),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment, nullable=False),
    Column("agent", String(200), nullable=False),
    Column("second_factor_at", Moment),  # None: only a password was given
)

login_failures = Table(
    "login_failures",
    metadata,
    Column("failure_id", Id, primary_key=True),
    Column("account_key", String(64), nullable=False),
    Column("address_key", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_login_failures_account_key_at", "account_key", "at"),
    Index("ix_login_failures_address_key_at", "address_key", "at"),
)

# Append-only: triggers refuse UPDATE and DELETE, each row's hash covers the one before.
audit_log = Table(
    "audit_log",
    metadata,
    Column("entry", Integer, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),  # as it was hashed
    Column("who", String(320), nullable=False),
    Column("act", String(60), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("data", sa.Text, nullable=False),  # JSON, as it was hashed
    Column("hash", String(64), nullable=False),
)

# How long the chain is and where it ends, so that its end cannot be cut off unseen.
audit_head = Table(
    "audit_head",
    metadata,
    Column("head_id", Integer, primary_key=True, autoincrement=False),
    Column("entries", Integer, nullable=False),
    Column("mac", String(64), nullable=False),
    # What is older may go (P1): the last entry that may, and its hash.
    Column("start_entry", Integer, nullable=False, server_default="0"),
    Column("start_hash", String(64), nullable=False, server_default="0" * 64),
)

# One row for each word's stem in a message, so that a search is a look in an index.
message_stems = Table(
    "message_stems",
    metadata,
    Column("stem", String(40), primary_key=True),
    Column("conversation_id", Id, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Index("ix_message_stems_conversation_id", "conversation_id"),
)

# What the bot understood in a typed message, beside what a person says it means.
readings = Table(
    "readings",
    metadata,
    Column("inbound_id", Id, primary_key=True),
    Column("conversation_id", Id, nullable=False, index=True),
    Column("seq", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("intent", String(60), nullable=False),
    Column("confidence", sa.Float, nullable=False),
    Column("margin", sa.Float),  # above the runner-up; None: there is none
    Column("reasons", JSON, nullable=False),
    Column("right_intent", String(60)),
    Column("right_reasons", JSON),
    Column("corrected", Boolean, nullable=False, server_default=sa.false()),
    Column("checked_at", Moment),
    Column("checked_by", String(120)),
    Index("ix_readings_confidence", "checked_at", "confidence", "inbound_id"),
    Index(
        "ix_readings_open",  # PostgreSQL sorts by no index behind an IS NULL
        "confidence",
        "inbound_id",
        sqlite_where=sa.text("checked_at IS NULL"),
        postgresql_where=sa.text("checked_at IS NULL"),
    ),
    Index("ix_readings_intent", "intent"),
    Index("ix_readings_right_intent", "right_intent"),
    Index("ix_readings_at", "at"),
)

# The reasons that a message gave, a person's before the bot's, to be looked up by.
reading_reasons = Table(
    "reading_reasons",
    metadata,
    Column("reason", String(40), primary_key=True),
    Column("conversation_id", Id, primary_key=True),
    Column("inbound_id", Id, primary_key=True),
    Index("ix_reading_reasons_conversation_id", "conversation_id"),
)

conversation_notes = Table(
    "conversation_notes",
    metadata,
    Column("note_id", Id, primary_key=True),
    Column("conversation_id", Id, nullable=False, index=True),
    Column("at", Moment, nullable=False),
    Column("by", String(120), nullable=False),
    Column("text", sa.Text, nullable=False),
)

conversation_labels = Table(
    "conversation_labels",
    metadata,
    Column("conversation_id", Id, primary_key=True),
    Column("label", String(40), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("by", String(120), nullable=False),
    Index("ix_conversation_labels_label", "label"),
)

# Who is answering a conversation that waits; one person at a time.
conversation_claims = Table(
    "conversation_claims",
    metadata,
    Column("conversation_id", Id, primary_key=True),
    Column("staff_id", Id, ForeignKey("staff.staff_id")),
    Column("by_name", String(120)),  # on the command line, without an account
    Column("at", Moment, nullable=False),
)

# Who has a conversation open; a row is forgotten a little after its last sign of life.
conversation_presence = Table(
    "conversation_presence",
    metadata,
    Column("conversation_id", Id, primary_key=True),
    Column("staff_id", Id, ForeignKey("staff.staff_id"), primary_key=True),
    Column("doing", String(10), nullable=False),  # reading, answering
    Column("at", Moment, nullable=False),
)

# The reason of a return's line as a person has it; the bot's stays in return_lines.
line_reasons = Table(
    "line_reasons",
    metadata,
    Column("return_id", Id, primary_key=True),
    Column("line_id", String(80), primary_key=True),
    Column("right_reason", String(40), nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", String(120), nullable=False),
    Index("ix_line_reasons_right_reason", "right_reason", "return_id"),
)

saved_views = Table(
    "saved_views",
    metadata,
    Column("view_id", Id, primary_key=True),
    Column("staff_id", Id, ForeignKey("staff.staff_id"), nullable=False, index=True),
    Column("name", String(60), nullable=False),
    Column("filters", JSON, nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
)

# What staff often say, with gaps that only a proved order fills.
canned_answers = Table(
    "canned_answers",
    metadata,
    Column("canned_id", Id, primary_key=True),
    Column("name", String(60), nullable=False, unique=True),
    Column("fr", sa.Text, nullable=False),
    Column("en", sa.Text, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("updated_by", String(120), nullable=False),
)
