"""The words that hub, daemon, CLI and dashboard share. Values are wire and database values: append, never rename."""

from enum import StrEnum


class TaskStatus(StrEnum):
    """The states of the seed's task machine; `cancelled` is reachable from every live state."""

    PENDING = "pending"
    ASSIGNED = "assigned"
    PLANNING = "planning"
    PLAN_REVIEW = "plan_review"
    RUNNING = "running"
    REVIEW = "review"
    NEEDS_HUMAN = "needs_human"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


LIVE = frozenset(TaskStatus) - {TaskStatus.DONE, TaskStatus.FAILED, TaskStatus.CANCELLED}
"""States in which something can still happen without a person retrying the task."""

ENDED = frozenset({TaskStatus.DONE, TaskStatus.FAILED, TaskStatus.CANCELLED})


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"


class TaskType(StrEnum):
    FEATURE = "feature"
    BUGFIX = "bugfix"
    REFACTOR = "refactor"
    CHORE = "chore"
    DOCS = "docs"


class DependencyType(StrEnum):
    BLOCKS = "blocks"
    INPUT = "input"
    RELATED = "related"


class InterventionType(StrEnum):
    HELP = "help"
    QUESTION = "question"
    APPROVAL = "approval"


class UpstreamPolicy(StrEnum):
    """What a dependent does when an upstream task ends without being done."""

    WAIT = "wait"
    FAIL = "fail"
    SKIP = "skip"


class LostHostPolicy(StrEnum):
    """What happens to a running task whose host is lost."""

    RETRY = "retry"
    NEEDS_HUMAN = "needs_human"


class Phase(StrEnum):
    """What a dispatched unit is asked to do: propose a plan, or do the work."""

    PLAN = "plan"
    EXECUTE = "execute"


class Stream(StrEnum):
    STDOUT = "stdout"
    STDERR = "stderr"


class ErrorClass(StrEnum):
    """Why a unit did not succeed. Retry policies name these classes, never texts."""

    EXIT_NONZERO = "exit_nonzero"
    TIMEOUT = "timeout"
    KILLED = "killed"
    CANCELLED = "cancelled"
    SPAWN_FAILED = "spawn_failed"
    REPO_MISSING = "repo_missing"
    WORKTREE_FAILED = "worktree_failed"
    AGENT_MISSING = "agent_missing"
    AGENT_FAILED = "agent_failed"
    RESULT_UNREADABLE = "result_unreadable"
    CONTRACT_UNFULFILLED = "contract_unfulfilled"
    DISK_FULL = "disk_full"
    DAEMON_RESTARTED = "daemon_restarted"
    LOST_HOST = "lost_host"
    LEASE_EXPIRED = "lease_expired"
    UPSTREAM_FAILED = "upstream_failed"
    REPORTED = "reported"
    BAD_INPUT = "bad_input"
    UNAVAILABLE = "unavailable"
    """The other side did not answer, or said that it could not just now."""
    NODE_MISSING = "node_missing"
    NODE_CRASHED = "node_crashed"
    HEARTBEAT_TIMEOUT = "heartbeat_timeout"
    """It gave no sign of life for as long as it had promised to."""


class Reason(StrEnum):
    """Why a task is where it is. Machine-readable; `explain` and every listing carry it."""

    UPSTREAM_PENDING = "upstream_pending"
    UPSTREAM_FAILED = "upstream_failed"
    UPSTREAM_SKIPPED = "upstream_skipped"
    NO_SERVER_MATCHES = "no_server_matches"
    NO_SERVER_ONLINE = "no_server_online"
    NO_CAPACITY = "no_capacity"
    RETRY_BACKOFF = "retry_backoff"
    RETRYING = "retrying"
    MANUAL = "manual"
    LOST_HOST = "lost_host"
    HOST_DECLINED = "host_declined"
    CONTRACT_UNFULFILLED = "contract_unfulfilled"
    HELP_REQUESTED = "help_requested"
    AWAITING_PLAN_APPROVAL = "awaiting_plan_approval"
    AWAITING_REVIEW = "awaiting_review"
    CANCELLED_BY_REQUEST = "cancelled_by_request"
    FAILED = "failed"


class SessionStatus(StrEnum):
    """The life of a terminal session. The last three are final."""

    STARTING = "starting"
    RUNNING = "running"
    CLOSED = "closed"
    """The process has ended; exit code or signal tell how."""
    FAILED = "failed"
    """It could not be started."""
    LOST = "lost"
    """Its machine no longer has it, and nobody saw how it ended."""


class SessionMode(StrEnum):
    """What a viewer may do. One viewer drives at a time; its window decides the size."""

    VIEW = "view"
    DRIVE = "drive"


class Attention(StrEnum):
    """What a session is doing, by evidence."""

    WORKING = "working"
    IDLE = "idle"
    WAITS_FOR_INPUT = "waits_for_input"
    FINISHED = "finished"
    DEAD = "dead"


class FileKind(StrEnum):
    """What stands in a folder. Only files are read and written; symbolic links are never followed."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    OTHER = "other"


class RecordingState(StrEnum):
    """What a session's recording is. The last two are final."""

    ON = "on"
    OFF = "off"
    """Somebody has switched it off; it may be switched on again."""
    FULL = "full"
    """It has reached its size limit."""
    ENDED = "ended"
    """The session has ended, and everything is there."""


class NodeStatus(StrEnum):
    """One node of a workflow's run."""

    PENDING = "pending"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CACHED = "cached"
    CANCELLED = "cancelled"
    WAITING = "waiting"
    SKIPPED = "skipped"


class RunStatus(StrEnum):
    """A run of a workflow. The last three are final."""

    PENDING = "pending"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Feature(StrEnum):
    """What our daemon and hub agree on in `auth` / `auth_ok`; an older agent names none."""

    UNITS = "units"
    """Tasks are executed by the daemon as units with attempt and epoch, not typed into a session."""
    ACKS = "acks"
    """Durable messages carry `seq` and are acknowledged after the hub's commit."""
    RECONCILE = "reconcile"
    """After every connect the daemon sends what it holds; the hub repairs the difference."""
    SESSIONS = "sessions"
    """Terminal output travels in binary frames, addressed by byte offset and acknowledged."""
    REMOTE = "remote"
    """Single commands are run, and files are read and written, each on a channel of its own."""
    RECORDINGS = "recordings"
    """Sessions are recorded; segments travel in binary frames and are acknowledged after the hub's commit."""
    NODES = "nodes"
    """Nodes of workflows are run by the daemon."""
