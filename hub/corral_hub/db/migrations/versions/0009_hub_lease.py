"""one hub at a time, by a lease"""

from alembic import op
import sqlalchemy as sa

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('hub_lease',
    sa.Column('id', sa.Integer(), autoincrement=False, server_default='1', nullable=False),
    sa.Column('epoch', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('holder', sa.Uuid(), nullable=True),
    sa.Column('name', sa.Text(), server_default='', nullable=False),
    sa.Column('role', sa.Text(), server_default='', nullable=False),
    sa.Column('taken_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_hub_lease_single')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hub_lease'))
    )
    op.execute("insert into hub_lease default values")
