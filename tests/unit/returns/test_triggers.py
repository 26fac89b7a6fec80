"""What the newest schema watches by itself.

On SQLite a migration that alters a table by making it anew (batch_alter_table) drops
its triggers in silence: figures would stand still and the log could be rewritten.
"""

import sqlalchemy as sa

from tests.houses import TestHouse

COUNTED = (
    "returns",
    "return_lines",
    "line_reasons",
    "ratings",
    "refunds",
    "return_history",
    "orders",
    "order_lines",
    "conversations",
    "readings",
)
FIGURES = {
    (f"figures_{table}_{event}", table)
    for table in COUNTED
    for event in ("insert", "update", "delete")
}
LOG = {
    "sqlite": {"audit_log_no_UPDATE", "audit_log_no_DELETE"},
    "postgresql": {"audit_log_append_only", "audit_log_keeps_what_is_young"},
}
ALL = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, CAST(tgrelid AS regclass)::text FROM pg_trigger"
    " WHERE NOT tgisinternal",
}


def test_the_newest_schema_has_every_trigger(any_house: TestHouse) -> None:
    kind = any_house.engine.dialect.name
    with any_house.engine.connect() as connection:
        rows = connection.execute(sa.text(ALL[kind])).all()
    log = {(name, "audit_log") for name in LOG[kind]}
    assert {tuple(row) for row in rows} == FIGURES | log
