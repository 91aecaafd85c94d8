"""drafts that are tried out"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('tried_drafts',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('workflow_id', sa.Integer(), nullable=False),
    sa.Column('hash', sa.LargeBinary(), nullable=False),
    sa.Column('definition', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['workflow_id'], ['workflows.id'], name=op.f('fk_tried_drafts_workflow_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tried_drafts')),
    sa.UniqueConstraint('workflow_id', 'hash', name=op.f('uq_tried_drafts_workflow_id_hash'))
    )
    op.create_index('ix_tried_drafts_used_at', 'tried_drafts', ['used_at'], unique=False)
    op.add_column('workflow_runs', sa.Column('draft_id', sa.BigInteger(), nullable=True))
    op.alter_column('workflow_runs', 'version', existing_type=sa.INTEGER(), nullable=True)
    op.create_index('ix_workflow_runs_draft_id', 'workflow_runs', ['draft_id'], unique=False,
                    postgresql_where=sa.text("draft_id is not null"))
    # Every run there is has a version and no draft. The key is checked by the index above, which is empty; the rule by
    # reading each run once.
    op.create_foreign_key(op.f('fk_workflow_runs_draft_id'), 'workflow_runs', 'tried_drafts', ['draft_id'], ['id'])
    op.create_check_constraint(op.f('ck_workflow_runs_bound_to_one'), 'workflow_runs',
                               "(version is null) = (draft_id is not null)")


def downgrade() -> None:
    raise NotImplementedError("Corral migrates forward; restore a backup to go back")
