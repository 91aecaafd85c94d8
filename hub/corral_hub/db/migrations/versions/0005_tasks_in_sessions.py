"""Which terminal session a unit of work runs in."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("assignments", sa.Column("session_id", sa.Uuid(), nullable=True))
