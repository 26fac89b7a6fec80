"""deductions and compensations."""

import sqlalchemy as sa
from alembic import op

from returns.tables import Moment

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

UNIT = "uq_adjustments_one_for_a_unit"
UNDECLINED = sa.text("state <> 'declined'")


def upgrade() -> None:
    op.create_table(
        "adjustments",
        sa.Column("adjustment_id", sa.String(length=64), nullable=False),
        sa.Column("return_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("rule", sa.String(length=8), nullable=False),
        sa.Column("line_id", sa.String(length=80), nullable=True),
        sa.Column("unit_no", sa.Integer(), nullable=True),
        sa.Column("amount_minor", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("decided_by", sa.String(length=120), nullable=True),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("paid_reference", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["return_id"],
            ["returns.return_id"],
            name=op.f("fk_adjustments_return_id"),
        ),
        sa.PrimaryKeyConstraint("adjustment_id", name=op.f("pk_adjustments")),
    )
    op.create_index(op.f("ix_adjustments_return_id"), "adjustments", ["return_id"])
    op.create_index(
        UNIT,
        "adjustments",
        ["return_id", "line_id", "unit_no"],
        unique=True,
        sqlite_where=UNDECLINED,
        postgresql_where=UNDECLINED,
    )
    op.create_table(
        "adjustment_pictures",
        sa.Column("adjustment_id", sa.String(length=64), nullable=False),
        sa.Column("upload_id", sa.String(length=64), nullable=False),
        sa.Column("return_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["return_id"],
            ["returns.return_id"],
            name=op.f("fk_adjustment_pictures_return_id"),
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"],
            ["uploads.upload_id"],
            name=op.f("fk_adjustment_pictures_upload_id"),
        ),
        sa.PrimaryKeyConstraint(
            "adjustment_id", "upload_id", name=op.f("pk_adjustment_pictures")
        ),
    )
    op.create_index(
        op.f("ix_adjustment_pictures_return_id"), "adjustment_pictures", ["return_id"]
    )

    with op.batch_alter_table("conversation_claims") as table:
        table.add_column(sa.Column("by_name", sa.String(length=120), nullable=True))
        table.alter_column("staff_id", existing_type=sa.String(64), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM conversation_claims WHERE staff_id IS NULL")
    with op.batch_alter_table("conversation_claims") as table:
        table.alter_column("staff_id", existing_type=sa.String(64), nullable=False)
        table.drop_column("by_name")
    op.drop_table("adjustment_pictures")
    op.drop_table("adjustments")
