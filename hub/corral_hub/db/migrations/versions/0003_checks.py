"""The invariants of single columns, which tables.py declares and no migration made."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CHECKS = (
    ("admin_users", "role", "role in ('admin', 'viewer')"),
    ("projects", "status", "status in ('active', 'archived')"),
    ("servers", "status", "status in ('online', 'offline')"),
    ("tasks", "priority", "priority in ('low', 'normal', 'high', 'critical')"),
    ("tasks", "status", "status in ('pending', 'assigned', 'planning', 'plan_review', 'running', 'review', 'needs_human', 'done', 'failed', 'cancelled')"),
    ("tasks", "plan_mode", "plan_mode in ('off', 'required', 'approved')"),
    ("tasks", "waiting_on", "waiting_on >= 0"),
    ("assignments", "phase", "phase in ('plan', 'execute')"),
    ("assignments", "state", "state in ('offered', 'started', 'stopping', 'ended', 'lost', 'declined')"),
    ("interventions", "intervention_type", "intervention_type in ('help', 'question', 'approval')"),
    ("interventions", "status", "status in ('pending', 'responded', 'cancelled')"),
    ("task_dependencies", "dependency_type", "dependency_type in ('blocks', 'input', 'related')"),
)


def upgrade() -> None:
    # Not valid at first: writers are kept out for a moment only, while the rows are looked through afterwards.
    for table, name, rule in CHECKS:
        op.execute(f"alter table {table} add constraint ck_{table}_{name} check ({rule}) not valid")
    for table, name, _ in CHECKS:
        op.execute(f"alter table {table} validate constraint ck_{table}_{name}")
