"""daily sums of the figures, and indexes of lists."""

import sqlalchemy as sa
from alembic import op

from returns.tables import Moment

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OF_CASE = "SELECT created_at FROM returns WHERE return_id = {row}.return_id"
# By table: under which moments a row is counted, and the columns that are counted.
COUNTED = {
    "returns": (
        "SELECT {row}.created_at",
        ("created_at", "supplier", "status", "claim"),
    ),
    "return_lines": (
        OF_CASE,
        (
            "return_id",
            "order_number",
            "line_id",
            "quantity",
            "return_reason",
            "justified",
            "liable",
        ),
    ),
    "line_reasons": (OF_CASE, ("return_id", "line_id", "right_reason")),
    "ratings": (OF_CASE, ("return_id", "rating")),
    "refunds": (OF_CASE, ("return_id", "paid_at")),
    "return_history": (OF_CASE, ("return_id", "event", "at")),
    "orders": ("SELECT {row}.placed_at", ("placed_at",)),
    "order_lines": (
        "SELECT placed_at FROM orders WHERE order_number = {row}.order_number"
        " UNION ALL"
        " SELECT created_at FROM returns WHERE order_number = {row}.order_number",
        ("product_id", "title", "supplier", "quantity"),
    ),
    "conversations": (
        "SELECT {row}.last_at WHERE {row}.last_at IS NOT NULL",
        (
            "last_at",
            "last_seq",
            "answered_in_ms",
            "handed_over_at",
            "person_answered_at",
        ),
    ),
    "readings": (
        "SELECT last_at FROM conversations WHERE last_at IS NOT NULL"
        " AND conversation_id = {row}.conversation_id",
        ("conversation_id", "intent", "corrected"),
    ),
}
EVENTS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}
INDEXES = (
    ("ix_order_lines_title", "order_lines", ["title"]),
    ("ix_order_lines_sku", "order_lines", ["sku"]),
    ("ix_return_lines_return_reason", "return_lines", ["return_reason", "return_id"]),
    ("ix_line_reasons_right_reason", "line_reasons", ["right_reason", "return_id"]),
    ("ix_readings_right_intent", "readings", ["right_intent"]),
    ("ix_tasks_open", "tasks", ["done_at", "due_at"]),
)
# The reasons that older messages gave.
GIVEN = "COALESCE(NULLIF(CAST(right_reasons AS TEXT), 'null'), CAST(reasons AS TEXT))"


def upgrade() -> None:
    op.create_table(
        "figure_sums",
        sa.Column("span", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("supplier", sa.String(length=120), nullable=False),
        sa.Column("one", sa.String(length=120), nullable=False),
        sa.Column("two", sa.String(length=120), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint(
            "span", "kind", "supplier", "one", "two", name=op.f("pk_figure_sums")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "figure_spans",
        sa.Column("span", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("span", name=op.f("pk_figure_spans")),
    )
    op.create_table(
        "figure_changes",
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_figure_changes")),
    )
    rules = op.create_table(
        "figure_rules",
        sa.Column("rules_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("rules_id", name=op.f("pk_figure_rules")),
    )
    op.bulk_insert(rules, [{"rules_id": 1, "time_zone": ""}])
    _look_up_reasons()
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in COUNTED:
        for statement in _on_sqlite(table) if sqlite else _on_postgresql(table):
            op.execute(statement)


def _look_up_reasons() -> None:
    op.create_table(
        "reading_reasons",
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("inbound_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint(
            "reason", "conversation_id", "inbound_id", name=op.f("pk_reading_reasons")
        ),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    each = f"json_each({GIVEN}) AS told"
    if not sqlite:
        each = f"json_array_elements_text(CAST({GIVEN} AS JSON)) AS told(value)"
    op.execute(
        "INSERT INTO reading_reasons (reason, conversation_id, inbound_id)"  # noqa: S608
        " SELECT DISTINCT told.value, conversation_id, inbound_id"
        f" FROM readings, {each}"
    )
    op.create_index(
        "ix_reading_reasons_conversation_id", "reading_reasons", ["conversation_id"]
    )


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in COUNTED:
        for event in EVENTS:
            on = "" if sqlite else f" ON {table}"
            op.execute(f"DROP TRIGGER {_name(table, event)}{on}")
            if not sqlite:
                op.execute(f"DROP FUNCTION {_name(table, event)}()")
    for name, table, _ in INDEXES:
        op.drop_index(name, table)
    for name in (
        "figure_rules",
        "figure_changes",
        "figure_spans",
        "figure_sums",
        "reading_reasons",
    ):
        op.drop_table(name)


def _name(table: str, event: str) -> str:
    return f"figures_{table}_{event.lower()}"


def _on_sqlite(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {_name(table, event)} AFTER {event} ON {table}"
        f"{_when(table, event)} BEGIN {_marks(table, event)} END"
        for event in EVENTS
    ]


def _on_postgresql(table: str) -> list[str]:
    found = []
    for event in EVENTS:
        name = _name(table, event)
        found += [
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN {_marks(table, event)} RETURN NULL; END $$",
            f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW"
            f"{_when(table, event)} EXECUTE FUNCTION {name}()",
        ]
    return found


def _when(table: str, event: str) -> str:
    """Most changes of a row change nothing that is counted."""
    if event != "UPDATE":
        return ""
    pairs = (_changed(column) for column in COUNTED[table][1])
    return f" WHEN ({' OR '.join(pairs)})"


def _changed(column: str) -> str:
    old, new = (f"CAST({row}.{column} AS TEXT)" for row in ("OLD", "NEW"))
    return f"COALESCE({old}, '') <> COALESCE({new}, '')"


def _marks(table: str, event: str) -> str:
    rows = EVENTS[event]
    chosen = (COUNTED[table][0].format(row=row) for row in rows)
    return " ".join(f"INSERT INTO figure_changes (at) {one};" for one in chosen)
