"""failed proofs by place."""

import sqlalchemy as sa
from alembic import op

from returns.tables import Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identity_places",
        sa.Column("conversation_id", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=32), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_identity_places")),
    )
    op.add_column("identity_failures", sa.Column("place", sa.String(length=32)))
    op.create_index("ix_identity_failures_place", "identity_failures", ["place"])


def downgrade() -> None:
    op.drop_index("ix_identity_failures_place", "identity_failures")
    op.drop_column("identity_failures", "place")
    op.drop_table("identity_places")
