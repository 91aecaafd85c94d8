"""Rows of work. The database states the invariants too: CHECKs for states, partial indexes for what is in flight."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from corral_hub.db.metadata import metadata
from corral_protocol.vocabulary import DependencyType, InterventionType, Phase, Priority, TaskStatus


def _one_of(column: str, words: type) -> CheckConstraint:
    listed = ", ".join(f"'{word.value}'" for word in words)  # type: ignore[attr-defined]
    return CheckConstraint(f"{column} in ({listed})", name=column)


tasks = Table(
    "tasks",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("project_id", Uuid, ForeignKey("projects.id"), nullable=False),
    Column("client_key", Text, nullable=True),
    Column("request_hash", LargeBinary, nullable=True),  # of the request that made it: same key, other body is refused
    Column("title", Text, nullable=False),
    Column("spec", Text, nullable=False, server_default=""),
    Column("type", Text, nullable=False),
    Column("priority", Text, _one_of("priority", Priority), nullable=False),
    Column("status", Text, _one_of("status", TaskStatus), nullable=False),
    Column("reason", JSONB, nullable=True),  # {code, detail, since, refs}
    Column("structured_spec", JSONB, nullable=False, server_default="{}"),
    Column("target_repo", Text, nullable=True),
    Column("target_branch", Text, nullable=True),
    Column("acceptance_criteria", JSONB, nullable=False, server_default="[]"),
    Column("policy", JSONB, nullable=False, server_default="{}"),  # the project's defaults as they were at creation
    Column(
        "plan_mode",
        Text,
        CheckConstraint("plan_mode in ('off', 'required', 'approved')", name="plan_mode"),
        nullable=False,
    ),
    Column("has_inputs", Boolean, nullable=False, server_default="false"),
    Column("auto", Boolean, nullable=False),  # dispatch places it by itself
    Column("waiting_on", Integer, CheckConstraint("waiting_on >= 0", name="waiting_on"), nullable=False),
    Column("not_before", DateTime(timezone=True), nullable=True),
    Column("attempt", Integer, nullable=False, server_default="1"),
    Column("epoch", BigInteger, nullable=False, server_default="0"),
    Column("bad_completions", Integer, nullable=False, server_default="0"),
    Column("assigned_server_id", Uuid, nullable=True),  # no foreign key: see `assignments`
    Column("source_session_name", Text, nullable=True),
    Column("target_session_name", Text, nullable=True),
    Column("plan", JSONB, nullable=True),
    Column("plan_feedback", Text, nullable=True),
    Column("feedback", JSONB, nullable=True),  # what the next unit is told: reviewer, contract check, human answer
    Column("result", JSONB, nullable=True),
    Column("error", JSONB, nullable=True),
    Column("git_diff_stats", JSONB, nullable=True),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("assigned_at", DateTime(timezone=True), nullable=True),
    Column("started_at", DateTime(timezone=True), nullable=True),
    Column("completed_at", DateTime(timezone=True), nullable=True),
    Column("seen_at", DateTime(timezone=True), nullable=True),  # when a person said of a failure: I know
    UniqueConstraint("project_id", "client_key"),
    Index("ix_tasks_newest", "created_at", "id"),
    Index(
        "ix_tasks_unseen",
        "completed_at",
        postgresql_where=text("status = 'failed' and (seen_at is null or seen_at < completed_at)"),
    ),
    Index("ix_tasks_updated", "updated_at", "id"),
    Index("ix_tasks_project_newest", "project_id", "created_at", "id"),
    # `done` is what nearly every row is: those are found by walking the newest
    Index("ix_tasks_status_newest", "status", "created_at", "id", postgresql_where=text("status <> 'done'")),
    Index(
        "ix_tasks_ready",
        "created_at",
        "id",
        postgresql_where=text("status = 'pending' and waiting_on = 0 and auto"),
    ),
    Index(
        "ix_tasks_live_server",
        "assigned_server_id",
        postgresql_where=text("status not in ('done', 'failed', 'cancelled')"),
    ),
)

task_dependencies = Table(
    "task_dependencies",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("task_id", Uuid, ForeignKey("tasks.id"), nullable=False),
    Column("depends_on_task_id", Uuid, ForeignKey("tasks.id"), nullable=False),
    Column("dependency_type", Text, _one_of("dependency_type", DependencyType), nullable=False),
    Column("contract_key", Text, nullable=True),
    Column("resolved", Boolean, nullable=False, server_default="false"),
    Column("value", JSONB, nullable=True),  # the contract as it was when the edge resolved
    CheckConstraint("task_id <> depends_on_task_id", name="no_self"),
    CheckConstraint("(dependency_type = 'input') = (contract_key is not null)", name="input_has_key"),
    Index("ix_task_dependencies_task_id", "task_id"),
    Index("ix_task_dependencies_depends_on_task_id", "depends_on_task_id"),
    Index(
        "uq_task_dependencies_edge",
        "task_id",
        "depends_on_task_id",
        "dependency_type",
        text("coalesce(contract_key, '')"),
        unique=True,
    ),
)

# One row for each time work was handed out: attempt, fencing token, evidence of how it went, decision.
assignments = Table(
    "assignments",
    metadata,
    Column("task_id", Uuid, ForeignKey("tasks.id"), primary_key=True),
    Column("epoch", BigInteger, primary_key=True),
    Column("attempt", Integer, nullable=False),
    Column("phase", Text, _one_of("phase", Phase), nullable=False),
    # No foreign keys to servers and fleets: their rows are never deleted, and checking costs a look-up and a row lock
    # for every hand-out, a third of what writing it costs.
    Column("server_id", Uuid, nullable=True),
    Column("managed", Boolean, nullable=False),  # a daemon runs it as a unit; otherwise an agent or a person does
    Column(
        "state",
        Text,
        CheckConstraint("state in ('offered', 'started', 'stopping', 'ended', 'lost', 'declined')", name="state"),
        nullable=False,
    ),
    Column("pid", Integer, nullable=True),
    Column("offered_at", DateTime(timezone=True), nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=True),
    Column("ended_at", DateTime(timezone=True), nullable=True),
    Column("outcome", JSONB, nullable=True),
    Column("requirements", JSONB, nullable=True),
    Column("fleet_id", BigInteger, nullable=True),
    Column("loads", LargeBinary, nullable=True),  # uint16 little-endian, one for each fleet member
    Column("score", Integer, nullable=True),
    Column("session_id", Uuid, nullable=True),  # no foreign key: people may delete a session that has ended
    CheckConstraint("(ended_at is null) = (state in ('offered', 'started', 'stopping'))", name="ended_has_state"),
    Index("ix_assignments_open", "server_id", postgresql_where=text("ended_at is null")),
    # one live unit for each task, ever
    Index(
        "uq_assignments_live",
        "task_id",
        unique=True,
        postgresql_where=text("state in ('offered', 'started')"),
    ),
)

interventions = Table(
    "interventions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("task_id", Uuid, ForeignKey("tasks.id"), nullable=False),
    Column("intervention_type", Text, _one_of("intervention_type", InterventionType), nullable=False),
    Column(
        "status",
        Text,
        CheckConstraint("status in ('pending', 'responded', 'cancelled')", name="status"),
        nullable=False,
    ),
    Column("question", Text, nullable=False),
    Column("context", Text, nullable=True),
    Column("response", Text, nullable=True),
    Column("responded_by", Text, nullable=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("responded_at", DateTime(timezone=True), nullable=True),
    Index("ix_interventions_task_id", "task_id"),
    Index("ix_interventions_pending", "created_at", postgresql_where=text("status = 'pending'")),
)

task_notes = Table(
    "task_notes",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("task_id", Uuid, ForeignKey("tasks.id"), nullable=False),
    Column("author", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Index("ix_task_notes_task_id_id", "task_id", "id"),
)

task_output = Table(
    "task_output",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("task_id", Uuid, ForeignKey("tasks.id"), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("stream", Text, nullable=False),
    Column("stream_offset", BigInteger, nullable=False),  # bytes of this unit's stream before this chunk
    Column("content", LargeBinary, nullable=False),  # bytes are bytes
    Column("created_at", DateTime(timezone=True), nullable=False),
    Index("ix_task_output_task_id_id", "task_id", "id"),
)
