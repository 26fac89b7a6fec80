"""Every table that holds something of a person, and which of its rows are theirs.

Erasing and exporting go by this one list; a test holds that no table is missing.
"""

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Table

import desk.tables  # noqa: F401  (all tables of the metadata)
from desk.privacy.scope import Scope
from returns.tables import metadata

# By conversation alone.
OF_TALK = (
    "messages",
    "inbound_messages",
    "buttons",
    "heard_messages",
    "chat_sessions",
    "message_stems",
    "readings",
    "reading_reasons",
    "conversation_notes",
    "conversation_labels",
    "conversation_claims",
    "conversation_presence",
    "identity_places",
    "proven_phones",
    "outbound",
    "channel_aliases",
    "channel_people",
    "conversations",
)
# By return alone; what money needs of them stays (ledger.py).
OF_CASE = (
    "returns",
    "return_lines",
    "return_history",
    "ratings",
    "refunds",
    "replacements",
    "line_reasons",
    "adjustments",
)
# No row of these is a customer's: goods, staff, machinery, counts, and hashes of the
# erased.
IMPERSONAL = frozenset(
    {
        "clock_offset",
        "products",
        "product_pictures",
        "staff",
        "staff_sessions",
        "login_failures",
        "second_factors",
        "recovery_codes",
        "saved_views",
        "canned_answers",
        "audit_log",
        "audit_head",
        "worker_names",
        "supplier_events",
        "reconciliations",
        "tombstones",
        "figure_sums",
        "figure_spans",
        "figure_changes",
        "figure_rules",
    }
)


def table(name: str) -> Table:
    return metadata.tables[name]


def rows_of(scope: Scope) -> dict[str, ColumnElement[bool]]:
    """By table: which rows; in an order in which they can be deleted."""
    talks, cases, numbers = scope.conversations, scope.returns, scope.orders
    several = {
        "task_requests": {"task_id": scope.tasks},
        "tasks": {"task_id": scope.tasks},
        "work": {"subject_id": scope.works_on},
        "unmaskings": {"subject": talks | cases},
        "adjustment_pictures": {"return_id": cases, "upload_id": scope.uploads},
        "evidence": {"return_id": cases, "upload_id": scope.uploads},
        "uploads": {"upload_id": scope.uploads},
        "notices": {"conversation_id": talks, "return_id": cases},
        "parcels": {"return_id": cases},
        "confirmations": {"draft_id": scope.drafts},
        "grants": {"conversation_id": talks, "order_number": numbers},
        "identity_failures": {"conversation_id": talks, "order_key": scope.counters},
        "identity_codes": {
            "conversation_id": talks,
            "order_number": numbers,
            "order_key": scope.counters,
        },
        "drafts": {"draft_id": scope.drafts},
        "held_units": {"return_id": cases},
        "refund_components": {"order_number": numbers},
        "order_lines": {"order_number": numbers},
        "orders": {"order_number": numbers},
    }
    wanted = {
        **several,
        **{name: {"conversation_id": talks} for name in OF_TALK},
        **{name: {"return_id": cases} for name in OF_CASE},
    }
    found = {name: _any_of(table(name), keys) for name, keys in wanted.items()}
    return {"arrivals": _of_people(talks), **found}


def _of_people(talks: frozenset[str]) -> ColumnElement[bool]:
    """A platform's events name its person, not our conversation."""
    events, names = table("arrivals"), table("channel_aliases")
    return sa.exists().where(
        names.c.channel == events.c.channel,
        names.c.alias == events.c.sender,
        names.c.conversation_id.in_(sorted(talks)),
    )


def _any_of(rows: Table, wanted: dict[str, frozenset[str]]) -> ColumnElement[bool]:
    return sa.or_(*(rows.c[name].in_(sorted(ids)) for name, ids in wanted.items()))
