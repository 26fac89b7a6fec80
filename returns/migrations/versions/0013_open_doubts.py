"""what nobody has checked yet, by how sure the bot was."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NAME, OPEN = "ix_readings_open", "checked_at IS NULL"


def upgrade() -> None:
    op.create_index(
        NAME,
        "readings",
        ["confidence", "inbound_id"],
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )


def downgrade() -> None:
    op.drop_index(NAME, "readings")
