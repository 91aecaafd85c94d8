"""cached results expire as their node says"""

from alembic import op
import sqlalchemy as sa

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What their nodes say is not known here: they are kept for as long as until now, and read no longer than asked for.
    op.add_column('node_cache', sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True))
    op.execute("update node_cache set expires_at = stored_at + interval '30 days'")
    op.alter_column('node_cache', 'expires_at', nullable=False)
    op.drop_index('ix_node_cache_stored_at', table_name='node_cache')
    op.create_index('ix_node_cache_expires_at', 'node_cache', ['expires_at'], unique=False)


def downgrade() -> None:
    raise NotImplementedError("Corral migrates forward; restore a backup to go back")
