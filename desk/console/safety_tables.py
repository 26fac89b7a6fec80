"""Second factors and unmasking: who proved what, and who saw whom."""

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, String, Table

from returns.tables import Id, Moment, metadata

second_factors = Table(
    "second_factors",
    metadata,
    Column("staff_id", Id, ForeignKey("staff.staff_id"), primary_key=True),
    Column("secret", String(200), nullable=False),  # sealed for this staff_id
    Column("begun_at", Moment, nullable=False),
    Column("confirmed_at", Moment),  # None: shown, but no code has proved it yet
    Column("last_step", sa.BigInteger),  # of the last code taken; none before it again
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("staff_id", Id, ForeignKey("staff.staff_id"), nullable=False, index=True),
    Column("used_at", Moment),
)

# Personal data in clear: one session, one conversation or case, a quarter of an hour.
unmaskings = Table(
    "unmaskings",
    metadata,
    Column("session_id", Id, primary_key=True),
    Column("subject", Id, primary_key=True),
    Column("reason", String(20), nullable=False),
    Column("until", Moment, nullable=False),
)
