"""The sums by day and month, and what says that they are out of date."""

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Integer, String, Table

from returns.tables import Moment, metadata

# span: a day (2026-11-22) or a month (2026-11) of the shop's own calendar. What `one`
# and `two` hold depends on the kind (facts.py): codes and goods, never a person.
figure_sums = Table(
    "figure_sums",
    metadata,
    Column("span", String(10), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("supplier", String(120), primary_key=True),
    Column("one", String(120), primary_key=True),
    Column("two", String(120), primary_key=True),
    Column("cases", Integer, nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("title", String(300), nullable=False),
    sqlite_with_rowid=False,
)

# Spans whose sums are kept, also those in which nothing happened.
figure_spans = Table(
    "figure_spans",
    metadata,
    Column("span", String(10), primary_key=True),
)

# By triggers (migration 0010): the moment under which a changed row is counted. Only
# ever appended to, so that two writers never wait for each other here.
figure_changes = Table(
    "figure_changes",
    metadata,
    Column("change_id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
)

# One row: how the sums were made; when that differs, all are made anew.
figure_rules = Table(
    "figure_rules",
    metadata,
    Column("rules_id", Integer, primary_key=True, autoincrement=False),
    Column("time_zone", String(60), nullable=False),
    Column("revision", Integer, nullable=False, server_default=sa.text("0")),
)
