"""board: tasks by their last change"""

from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_tasks_updated', 'tasks', ['updated_at', 'id'], unique=False)


def downgrade() -> None:
    raise NotImplementedError("Corral migrates forward; restore a backup to go back")
