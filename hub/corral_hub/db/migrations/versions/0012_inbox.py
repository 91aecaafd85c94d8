"""inbox: failures that nobody has seen, dead letters by age"""

from alembic import op
import sqlalchemy as sa

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('tasks', sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True))
    # What failed before there was an inbox was seen before there was one.
    op.execute("update tasks set seen_at = now() where status = 'failed'")
    op.create_index('ix_tasks_unseen', 'tasks', ['completed_at'], unique=False,
                    postgresql_where=sa.text("status = 'failed' and (seen_at is null or seen_at < completed_at)"))
    op.create_index('ix_dead_letters_newest', 'dead_letters', ['created_at'], unique=False)


def downgrade() -> None:
    raise NotImplementedError("Corral migrates forward; restore a backup to go back")
