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
    Column("image", String(500)),
    Column("variants", JSON, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

orders = Table(
    "orders",
    metadata,
    Column("order_number", String(64), primary_key=True),
    Column("order_key", String(64), nullable=False, index=True),
    Column("order_digits", String(64), nullable=False, server_default="", index=True),
    Column("email_key", String(320), nullable=False, index=True),
    Column("placed_at", Moment, nullable=False, index=True),
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
    Column("sku", String(120), nullable=False, index=True),
    Column("product_id", String(120), nullable=False, index=True),
    Column("title", String(300), nullable=False, index=True),
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

# A phone number that a platform vouches for (L1): no word of the customer's own.
proven_phones = Table(
    "proven_phones",
    metadata,
    Column("conversation_id", Id, primary_key=True),
    Column("phone", String(20), nullable=False),  # E.164
    Column("proved_at", Moment, nullable=False),
)

# From which network a conversation was opened, as a keyed hash (I3).
identity_places = Table(
    "identity_places",
    metadata,
    Column("conversation_id", Id, primary_key=True),
    Column("place", String(32), nullable=False),
    Column("at", Moment, nullable=False),
)

# conversation_id: "" once the talk was erased; what failed counts on all the same.
identity_failures = Table(
    "identity_failures",
    metadata,
    Column("failure_id", Id, primary_key=True),
    Column("conversation_id", Id, nullable=False, index=True),
    Column("order_key", String(64), nullable=False, index=True),  # keys.order_counter
    Column("place", String(32), index=True),
    Column("at", Moment, nullable=False),
)

# One row per code asked for, whether or not there is such an order. The code itself
# is nowhere: it is made of code_id and a secret (returns/services/codes.py).
identity_codes = Table(
    "identity_codes",
    metadata,
    Column("code_id", Id, primary_key=True),
    Column("conversation_id", Id, nullable=False, index=True),
    Column("typed", String(64), nullable=False),  # the order number as typed
    Column("order_key", String(64), nullable=False, index=True),  # keys.order_counter
    Column("language", String(2), nullable=False),
    Column("paired", Boolean, nullable=False),  # asked for after a right pair
    Column("within_limit", Boolean, nullable=False),  # else it is never sent
    Column("asked_at", Moment, nullable=False),
    Column("order_number", String(64)),  # set when it is sent
    Column("tries", Integer, nullable=False),
    Column("used_at", Moment),
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
    Index("ix_drafts_conversation_id", "conversation_id"),
    Index("ix_drafts_order_number", "order_number"),
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
    Column("told_in", Id, index=True),  # where news go, if not where it was opened
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
    Index("ix_returns_status", "status"),
    Index("ix_returns_created_at", "created_at", "return_id"),
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
    Index("ix_return_lines_order_number", "order_number", "line_id"),
    Index("ix_return_lines_return_reason", "return_reason", "return_id"),
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
    Column("due_on", Moment),  # when proof of sending makes it due, if no goods come
    Column("first_sent_at", Moment),
    Column("paid_at", Moment),
    Column("paid_reference", String(200)),
    Column("created_at", Moment, nullable=False),
    Index("ix_refunds_waiting", "state", "due_on"),
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

# Proof of sending: a number belongs to one return, a return has one number.
parcels = Table(
    "parcels",
    metadata,
    Column("tracking_number", String(80), primary_key=True),
    Column(
        "return_id", Id, ForeignKey("returns.return_id"), nullable=False, unique=True
    ),
    Column("carrier", String(40)),  # None: a person accepted the number
    Column("proof_at", Moment, nullable=False),
)

ratings = Table(
    "ratings",
    metadata,
    Column("return_id", Id, ForeignKey("returns.return_id"), primary_key=True),
    Column("rating", Integer, nullable=False),
    Column("comment", sa.Text),
    Column("at", Moment, nullable=False),
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
    Column("expects", String(30)),  # chat only: the question that it ends with
    Column("choices", JSON),
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
    Index("ix_tasks_open", "done_at", "due_at"),
)

# A task over the shop's limit that one person asked for; another one does it (X10).
task_requests = Table(
    "task_requests",
    metadata,
    Column("task_id", Id, ForeignKey("tasks.task_id"), primary_key=True),
    Column("asked_by", String(120), nullable=False),
    Column("asked_at", Moment, nullable=False),
)

# What was erased must not come back by an import or a retry (P2): a keyed hash of an
# order number, an e-mail address or a conversation_id, never the thing itself.
tombstones = Table(
    "tombstones",
    metadata,
    Column("key_hash", String(64), primary_key=True),
    Column("kind", String(14), nullable=False),  # order, email, conversation
    Column("at", Moment, nullable=False),
)

# Copies of the pictures that imports name: source as the import has it; the file lies
# in BONRETOUR_VAR/products under sha256, null where there was none to be had.
product_pictures = Table(
    "product_pictures",
    metadata,
    Column("source", String(500), primary_key=True),
    Column("sha256", String(64), index=True),
    Column("problem", String(60)),
    Column("tried_at", Moment, nullable=False),
)

# The customers' pictures; the file lies in BONRETOUR_VAR/uploads under the same id.
uploads = Table(
    "uploads",
    metadata,
    Column("upload_id", Id, primary_key=True),
    Column("conversation_id", Id, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    UniqueConstraint("conversation_id", "sha256"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("return_id", Id, ForeignKey("returns.return_id"), primary_key=True),
    Column("upload_id", Id, ForeignKey("uploads.upload_id"), primary_key=True),
    Column("added_at", Moment, nullable=False),
    Column("sent_at", Moment),  # when the supplier had it
)

# What a person takes off a refund (W14), or owes on top of it (C09, D04, D10, W15).
# adjustment_id: a hash of all it says, so that the same again is the same one.
adjustments = Table(
    "adjustments",
    metadata,
    Column("adjustment_id", Id, primary_key=True),
    Column(
        "return_id", Id, ForeignKey("returns.return_id"), nullable=False, index=True
    ),
    Column("kind", String(12), nullable=False),  # deduction, compensation
    Column("rule", String(8), nullable=False),
    Column("line_id", String(80)),  # a deduction's unit
    Column("unit_no", Integer),
    Column("amount_minor", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("reason", sa.Text, nullable=False),  # as the customer reads it
    Column("state", String(10), nullable=False),  # asked, set, paid, declined
    Column("asked_by", String(120), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("decided_by", String(120)),
    Column("decided_at", Moment),
    Column("paid_reference", String(200)),
    Index(
        "uq_adjustments_one_for_a_unit",
        "return_id",
        "line_id",
        "unit_no",
        unique=True,
        sqlite_where=sa.text("state <> 'declined'"),
        postgresql_where=sa.text("state <> 'declined'"),
    ),
)

# The pictures that show why something is deducted.
adjustment_pictures = Table(
    "adjustment_pictures",
    metadata,
    Column("adjustment_id", Id, primary_key=True),
    Column("upload_id", Id, ForeignKey("uploads.upload_id"), primary_key=True),
    Column(
        "return_id", Id, ForeignKey("returns.return_id"), nullable=False, index=True
    ),
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

# What each comparison with the partners' books found (X9): ids and amounts only.
reconciliations = Table(
    "reconciliations",
    metadata,
    Column("report_id", Id, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("since", Moment, nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("unexplained", Integer, nullable=False),
    Column("explained", Integer, nullable=False),
    Column("books", JSON, nullable=False),
    Column("differences", JSON, nullable=False),
)

worker_names = Table(
    "worker_names",
    metadata,
    Column("worker", String(80), primary_key=True),
    Column("heartbeat_at", Moment, nullable=False),
)
