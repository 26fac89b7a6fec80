"""The tables of the business; desk/tables.py adds its own to the same metadata.

Rows are turned into returns/model.py's types by returns/repository.py alone.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; refuses naive datetimes, reads back aware ones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        if moment.tzinfo is None:
            return moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)


Id = String(64)

clock_offset = Table(
    "clock_offset",
    metadata,
    Column("clock_id", Integer, primary_key=True),
    Column("seconds", sa.Float, nullable=False),
)

products = Table(
    "products",
    metadata,
    Column("product_id", String(120), primary_key=True),
    Column("title", String(300), nullable=False),
    Column("supplier", String(120), nullable=False),
    Column("description", sa.Text),
    Column("supplier_description", sa.Text),
    Column("variants", JSON, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

orders = Table(
    "orders",
    metadata,
    Column("order_number", String(64), primary_key=True),
    Column("order_key", String(64), nullable=False, index=True),
    Column("email_key", String(320), nullable=False, index=True),
    Column("placed_at", Moment, nullable=False),
    Column("promised_at", Moment),
    Column("dispatched_at", Moment),
    Column("delivered_at", Moment),
    Column("status", String(20), nullable=False),
    Column("language", String(2), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("withdrawal_informed", Boolean),
    Column("customer", JSON, nullable=False),
    Column("payment_method", String(20), nullable=False),
    Column("payment_reference", String(200), nullable=False),
    Column("captured_minor", Integer, nullable=False),
    Column("shipping_paid_minor", Integer, nullable=False),
    Column("shipping_standard_minor", Integer, nullable=False),
    Column("refunded", JSON, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

order_lines = Table(
    "order_lines",
    metadata,
    Column(
        "order_number", String(64), ForeignKey("orders.order_number"), primary_key=True
    ),
    Column("line_id", String(80), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("sku", String(120), nullable=False),
    Column("product_id", String(120), nullable=False),
    Column("title", String(300), nullable=False),
    Column("options", JSON, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("paid_minor", Integer, nullable=False),
    Column("supplier", String(120), nullable=False),
    Column("supplier_order_reference", String(200)),
    Column("delivered_at", Moment),
    Column("tracking_number", String(80)),
    Column("category", String(120)),
    Column("image", String(500)),
    Column("personalised", Boolean, nullable=False),
    Column("sealed_hygiene", Boolean, nullable=False),
    Column("perishable", Boolean, nullable=False),
    Column("second_hand", Boolean, nullable=False),
    Column("value_minor", Integer),
)

grants = Table(
    "grants",
    metadata,
    Column("conversation_id", Id, primary_key=True),
    Column("order_number", String(64), primary_key=True),
    Column("level", Integer, nullable=False),
    Column("granted_at", Moment, nullable=False),
    Column("last_used_at", Moment, nullable=False),
)

identity_failures = Table(
    "identity_failures",
    metadata,
    Column("failure_id", Id, primary_key=True),
    Column("conversation_id", Id, nullable=False, index=True),
    Column("order_key", String(64), nullable=False, index=True),
    Column("at", Moment, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("draft_id", Id, primary_key=True),
    Column("conversation_id", Id, nullable=False),
    Column("language", String(2), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("state", String(10), nullable=False),  # open, confirmed, dropped
    Column("order_number", String(64)),
    Column("email", String(320)),
    Column("facts", JSON, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index(
        "uq_drafts_one_open",
        "conversation_id",
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    ),
)

# What an action already answered for a message: a killed turn runs again (design 3).
heard_messages = Table(
    "heard_messages",
    metadata,
    Column("conversation_id", Id, primary_key=True),
    Column("message_id", Id, primary_key=True),
    Column("act", String(60), primary_key=True),
    Column("answer", JSON, nullable=False),
    Column("at", Moment, nullable=False),
)

confirmations = Table(
    "confirmations",
    metadata,
    Column("draft_id", Id, ForeignKey("drafts.draft_id"), primary_key=True),
    Column("message_id", Id, nullable=False),
    Column("decision_hash", String(64), nullable=False),
    Column("decision", JSON, nullable=False),
    Column("at", Moment, nullable=False),
)

returns = Table(
    "returns",
    metadata,
    Column("return_id", Id, primary_key=True),
    Column("draft_id", Id, ForeignKey("drafts.draft_id"), nullable=False, index=True),
    Column("conversation_id", Id, nullable=False, index=True),
    Column("channel", String(20), nullable=False),
    Column("language", String(2), nullable=False),
    Column(
        "order_number",
        String(64),
        ForeignKey("orders.order_number"),
        nullable=False,
        index=True,
    ),
    Column("supplier", String(120), nullable=False),
    Column("status", String(20), nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("decline_reason", String(30)),
    Column("return_payer", String(10), nullable=False),
    Column("rma_number", String(120)),
    Column("return_address", JSON),
    Column("ship_by", Moment),
    Column("label_url", String(500)),
    Column("rules", JSON, nullable=False),
    Column("refund_by", Moment),
    Column("claim", JSON),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    UniqueConstraint("supplier", "rma_number"),
)

return_lines = Table(
    "return_lines",
    metadata,
    Column("return_id", Id, ForeignKey("returns.return_id"), primary_key=True),
    Column("line_id", String(80), primary_key=True),
    Column("order_number", String(64), nullable=False),
    Column("sku", String(120), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("return_reason", String(40)),
    Column("other_reasons", JSON, nullable=False),
    Column("detail", sa.Text),
    Column("ground", String(20)),
    Column("justified", Boolean, nullable=False),
    Column("liable", String(10), nullable=False),
    Column("recourse", String(10), nullable=False),
    Column("resolution", String(20)),
    Column("disposition", String(10), nullable=False),
    Column("replacement_sku", String(120)),
    Column("refund_minor", Integer, nullable=False),
    Column("rules", JSON, nullable=False),
    ForeignKeyConstraint(
        ["order_number", "line_id"],
        ["order_lines.order_number", "order_lines.line_id"],
    ),
)

# A unit held by an open return: the primary key makes a second case impossible.
held_units = Table(
    "held_units",
    metadata,
    Column("order_number", String(64), primary_key=True),
    Column("line_id", String(80), primary_key=True),
    Column("unit_no", Integer, primary_key=True),
    Column(
        "return_id", Id, ForeignKey("returns.return_id"), nullable=False, index=True
    ),
)

return_history = Table(
    "return_history",
    metadata,
    Column("entry_id", Integer, primary_key=True, autoincrement=True),
    Column(
        "return_id", Id, ForeignKey("returns.return_id"), nullable=False, index=True
    ),
    Column("at", Moment, nullable=False),
    Column("event", String(60), nullable=False),
    Column("by", String(10), nullable=False),
    Column("who", String(120)),
    Column("data", JSON, nullable=False),
)

refunds = Table(
    "refunds",
    metadata,
    Column("refund_id", Id, primary_key=True),
    Column(
        "return_id", Id, ForeignKey("returns.return_id"), nullable=False, unique=True
    ),
    Column("order_number", String(64), nullable=False, index=True),
    Column("amount_minor", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("method", String(20), nullable=False),
    Column("payment_reference", String(200), nullable=False),
    Column("payment_key", String(64), nullable=False, unique=True),
    Column("state", String(12), nullable=False),
    Column("due_at", Moment),  # None: waits for the goods or proof of sending
    Column("first_sent_at", Moment),
    Column("paid_at", Moment),
    Column("paid_reference", String(200)),
    Column("created_at", Moment, nullable=False),
)

# The ledger: one row, one payment. component: "unit/<line_id>/<unit_no>", "delivery",
# "unit/<line_id>/<unit_no>/delivery", "prior/<n>", "<kind>/<return_id>".
refund_components = Table(
    "refund_components",
    metadata,
    Column("order_number", String(64), primary_key=True),
    Column("component", String(200), primary_key=True),
    Column("refund_id", Id, ForeignKey("refunds.refund_id"), index=True),
    Column("amount_minor", Integer, nullable=False),
)

replacements = Table(
    "replacements",
    metadata,
    Column("replacement_id", Id, primary_key=True),
    Column(
        "return_id", Id, ForeignKey("returns.return_id"), nullable=False, unique=True
    ),
    Column("state", String(12), nullable=False),
    Column("supplier_reference", String(200)),
    Column("ordered_at", Moment),
    Column("created_at", Moment, nullable=False),
)

notices = Table(
    "notices",
    metadata,
    Column("notice_id", String(140), primary_key=True),
    Column("return_id", Id, ForeignKey("returns.return_id"), index=True),
    Column("conversation_id", Id, nullable=False, index=True),
    Column("medium", String(10), nullable=False),  # chat, mail
    Column("response", String(120), nullable=False),
    Column("params", JSON, nullable=False),
    Column("language", String(2), nullable=False),
    Column("recipient", String(320)),  # mail only
    Column("created_at", Moment, nullable=False),
    Column("delivered_at", Moment),
    Column("told_with", Id),  # the message whose answer already told it
)

tasks = Table(
    "tasks",
    metadata,
    Column("task_id", Id, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("subject_id", String(140), nullable=False),
    Column("return_id", Id, index=True),
    Column("order_number", String(64)),
    Column("facts", JSON, nullable=False),
    Column("due_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("done_at", Moment),
    Column("done_by", String(120)),
    Column("result", JSON),
    UniqueConstraint("kind", "subject_id"),
)

# Durable work: one row per thing that must still happen (design 1, "one pattern").
work = Table(
    "work",
    metadata,
    Column("work_id", String(200), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("subject_id", String(140), nullable=False),
    Column("state", String(10), nullable=False),  # pending, done, given_up
    Column("attempt", Integer, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_error", String(200)),
    Index("ix_work_pending", "state", "next_at"),
)

worker_names = Table(
    "worker_names",
    metadata,
    Column("worker", String(80), primary_key=True),
    Column("heartbeat_at", Moment, nullable=False),
)
