"""secrets of webhooks: out of definitions, into rows of their own"""

import json
from uuid import uuid4

from alembic import op
import sqlalchemy as sa

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

HOOK, NAMES = 'webhookTrigger', ('headerValue', 'secret')


def upgrade() -> None:
    op.create_table('workflow_secrets',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('workflow_id', sa.Integer(), nullable=False),
    sa.Column('node_id', sa.Text(), nullable=False),
    sa.Column('parameter', sa.Text(), nullable=False),
    sa.Column('box', sa.LargeBinary(), nullable=False),
    sa.Column('sealed', sa.Boolean(), nullable=False),
    sa.Column('published', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['workflow_id'], ['workflows.id'], name=op.f('fk_workflow_secrets_workflow_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_workflow_secrets'))
    )
    op.create_index('ix_workflow_secrets_workflow_id', 'workflow_secrets', ['workflow_id'], unique=False)
    op.create_index('ix_workflow_secrets_bare', 'workflow_secrets', ['id'], unique=False,
                    postgresql_where=sa.text('not sealed'))
    _move()


def _move() -> None:
    """Take the secrets out of drafts and versions. The hub seals them when it starts: here is no key."""
    tx = op.get_bind()
    ids = {}  # the same secret in the same place is one: a draft that equals its version goes on to do so
    for table, column, number in (('workflows', 'draft', '0'), ('workflow_versions', 'definition', 'number')):
        key = 'id' if table == 'workflows' else 'workflow_id'
        rows = tx.execute(sa.text(
            f'select {key}, {number}, cast({column} as text) from {table}'
            f""" where {column} @? '$.nodes[*] ? (@.type == "{HOOK}")'""")).all()
        change = sa.text(
            f"update {table} set {column} = jsonb_set({column}, array['nodes', :index, 'parameters', :name],"
            f' to_jsonb(cast(:reference as text))) where {key} = :key and {number} = :number')
        for id, version, text in rows:
            for index, name, place in _places(id, json.loads(text)):
                if place not in ids:
                    ids[place] = uuid4()
                    _keep(tx, ids[place], *place)
                tx.execute(change, {'index': str(index), 'name': name, 'reference': f'secret:{ids[place].hex}',
                                    'key': id, 'number': version})


def _places(workflow_id, definition):
    """Where secrets stand: (index of the node, parameter, (workflow, node, parameter, secret))."""
    nodes = definition['nodes']
    for index, node in enumerate(nodes if isinstance(nodes, list) else ()):
        parameters = node.get('parameters') if isinstance(node, dict) and node.get('type') == HOOK else None
        for name in NAMES if isinstance(parameters, dict) else ():
            value = parameters.get(name)
            if isinstance(value, (str, int, float)) and not isinstance(value, bool) and value != '':
                yield index, name, (workflow_id, str(node.get('id', '')), name, str(value))


def _keep(tx, id, workflow_id, node_id, name, text) -> None:
    tx.execute(sa.text('insert into workflow_secrets values (:id, :workflow_id, :node_id, :name, :box, false, true, now())'),
               {'id': id, 'workflow_id': workflow_id, 'node_id': node_id, 'name': name, 'box': text.encode()})


def downgrade() -> None:
    raise NotImplementedError("Corral migrates forward; restore a backup to go back")
