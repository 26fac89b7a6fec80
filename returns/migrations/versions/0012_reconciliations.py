"""what each comparison of our books with the partners' found."""

import sqlalchemy as sa
from alembic import op

from returns.tables import Moment

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reconciliations",
        sa.Column("report_id", sa.String(length=64), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("unexplained", sa.Integer(), nullable=False),
        sa.Column("explained", sa.Integer(), nullable=False),
        sa.Column("books", sa.JSON(), nullable=False),
        sa.Column("differences", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_reconciliations")),
    )
    op.create_index(op.f("ix_reconciliations_at"), "reconciliations", ["at"])


def downgrade() -> None:
    op.drop_table("reconciliations")
