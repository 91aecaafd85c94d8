"""Rows of workflows: definitions in numbered versions, runs with their whole history, and what died in them."""

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
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from corral_hub.db.metadata import metadata
from corral_protocol.vocabulary import NodeStatus, RunStatus

RUN_IS_LIVE = "status in ('pending', 'running', 'paused')"

# `draft` is what is being edited; `version` the number that was published last.
workflows = Table(
    "workflows",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True),
    Column("project_id", Uuid, ForeignKey("projects.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("draft", JSONB, nullable=False),
    Column("version", Integer, nullable=True),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("removed_at", DateTime(timezone=True), nullable=True),
    Index("ix_workflows_project_id", "project_id", "id"),
    Index("ix_workflows_name", "name"),
)

# Never changed, never removed while a run is bound to it.
workflow_versions = Table(
    "workflow_versions",
    metadata,
    Column("workflow_id", Integer, ForeignKey("workflows.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("definition", JSONB, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("workflow_id", "number"),
    CheckConstraint("number > 0", name="number"),
)

# What a definition names as `secret:<id>`. `sealed`: false for what a migration has found in definitions, until the hub
# has started; `published`: a version names it, so that it stays when the draft is changed.
workflow_secrets = Table(
    "workflow_secrets",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("workflow_id", Integer, ForeignKey("workflows.id"), nullable=False),
    Column("node_id", Text, nullable=False),
    Column("parameter", Text, nullable=False),
    Column("box", LargeBinary, nullable=False),
    Column("sealed", Boolean, nullable=False),
    Column("published", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Index("ix_workflow_secrets_workflow_id", "workflow_id"),
    Index("ix_workflow_secrets_bare", "id", postgresql_where=text("not sealed")),
)

# Drafts as they were when somebody tried them out: no version, and never changed. `hash`: of the definition, so that
# trying the same twice keeps it once. They go when no run is bound to them; `used_at`: when one was last begun.
tried_drafts = Table(
    "tried_drafts",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("workflow_id", Integer, ForeignKey("workflows.id"), nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("definition", JSONB, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("used_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("workflow_id", "hash"),
    Index("ix_tried_drafts_used_at", "used_at"),
)

# Bound to a version, or to a draft that it tries out.
workflow_runs = Table(
    "workflow_runs",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("workflow_id", Integer, ForeignKey("workflows.id"), nullable=False),
    Column("version", Integer, nullable=True),
    Column("draft_id", BigInteger, ForeignKey("tried_drafts.id"), nullable=True),
    Column("project_id", Uuid, ForeignKey("projects.id"), nullable=False),
    Column("status", Text, nullable=False),
    Column("trigger", Text, nullable=True),
    Column("started_by", Text, nullable=False),
    Column("output", JSONB(none_as_null=True), nullable=True),
    Column("failed", Text, nullable=True),
    Column("parent_run_id", Uuid, nullable=True),
    Column("parent_key", Text, nullable=True),
    Column("letter", BigInteger, nullable=True),  # the dead letter that it replays
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True), nullable=True),
    CheckConstraint(f"status in ({', '.join(repr(word.value) for word in RunStatus)})", name="status"),
    CheckConstraint(f"(ended_at is null) = ({RUN_IS_LIVE})", name="ended_has_status"),
    CheckConstraint("(version is null) = (draft_id is not null)", name="bound_to_one"),
    Index("ix_workflow_runs_newest", "workflow_id", "created_at", "id"),
    Index("ix_workflow_runs_live", "created_at", postgresql_where=text(RUN_IS_LIVE)),
    Index("ix_workflow_runs_draft_id", "draft_id", postgresql_where=text("draft_id is not null")),
    Index("ix_workflow_runs_parent", "parent_run_id", postgresql_where=text("parent_run_id is not null")),
)

# The facts in the order in which they were decided: the same facts give the same run again.
run_history = Table(
    "run_history",
    metadata,
    Column("run_id", Uuid, ForeignKey("workflow_runs.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("type", Text, nullable=False),
    Column("key", Text, nullable=True),
    Column("fact", JSONB, nullable=False),
    PrimaryKeyConstraint("run_id", "number"),
)

# What listings show, and the input of what may die. The output stands in the history.
node_runs = Table(
    "node_runs",
    metadata,
    Column("run_id", Uuid, ForeignKey("workflow_runs.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("server_id", Uuid, ForeignKey("servers.id"), nullable=True),
    Column("why", Text, nullable=True),
    Column("parameters", JSONB(none_as_null=True), nullable=True),
    Column("error", JSONB(none_as_null=True), nullable=True),
    Column("begun_at", DateTime(timezone=True), nullable=True),
    Column("since", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("run_id", "key"),
    CheckConstraint(f"status in ({', '.join(repr(word.value) for word in NodeStatus)})", name="status"),
)

# What nodes have logged, in the order in which it came; the hub keeps the newest of each attempt.
node_logs = Table(
    "node_logs",
    metadata,
    Column("id", BigInteger, Identity(always=True), nullable=False),
    Column("run_id", Uuid, ForeignKey("workflow_runs.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("dropped", BigInteger, nullable=False),
    Column("lines", JSONB, nullable=False),
    Column("size", Integer, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("run_id", "id"),
    Index("ix_node_logs_of_a_node", "run_id", "key", "id"),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("run_id", Uuid, ForeignKey("workflow_runs.id"), nullable=False),
    Column("workflow_id", Integer, ForeignKey("workflows.id"), nullable=False),
    Column("project_id", Uuid, ForeignKey("projects.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("node_type", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("error", JSONB, nullable=False),
    Column("parameters", JSONB, nullable=False),
    Column("inputs", JSONB, nullable=False),
    Column("replays", Integer, nullable=False, server_default="0"),
    Column("replay_run_id", Uuid, nullable=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("last_error_at", DateTime(timezone=True), nullable=False),
    Index("ix_dead_letters_workflow_id", "workflow_id", "id"),
    Index("ix_dead_letters_newest", "created_at"),
    Index("ix_dead_letters_run_id", "run_id"),
    Index("ix_dead_letters_replay_run_id", "replay_run_id", postgresql_where=text("replay_run_id is not null")),
)

node_cache = Table(
    "node_cache",
    metadata,
    Column("workflow_id", Integer, ForeignKey("workflows.id"), nullable=False),
    Column("node_id", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("result", JSONB, nullable=False),
    Column("stored_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("workflow_id", "node_id", "key"),
    Index("ix_node_cache_expires_at", "expires_at"),
)
