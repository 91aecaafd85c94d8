"""What can go wrong in the CLI, as a tree; each leaf knows its exit code.

CliError
├── Failed         1    the operation failed, or the awaited task ended failed or cancelled
├── Usage          2    wrong command line, ambiguous id, body refused
│   └── BadConfig       a configuration file or variable that cannot be used
├── NotFound       3
├── NotPermitted   4    not logged in, or not allowed
├── Conflict       5    claim lost, stale version, illegal transition
├── NeedsHuman     6    an approval or an answer is pending
├── Unreachable    7    the hub does not answer
├── TryLater      75    a temporary limit
├── TimedOut     124    --timeout elapsed
├── NotRun       125    exec: the command was not run
├── CommandUnusable 126 exec: there is such a program, but it cannot be executed
├── CommandMissing 127  exec: there is no such program
└── Lost         255    exec: the connection was lost while it ran
"""

from collections.abc import Mapping
from typing import Any, ClassVar

EXIT_CODES: tuple[tuple[str, str], ...] = (
    ("0", "success; for wait: the wanted state was reached"),
    ("1", "the operation failed, or the awaited task ended failed or cancelled"),
    ("2", "usage error, ambiguous id"),
    ("3", "not found"),
    ("4", "not logged in, or not permitted"),
    ("5", "conflict: claim lost, stale version, illegal transition"),
    ("6", "needs a human: an approval or an answer is pending"),
    ("7", "hub unreachable"),
    ("75", "temporary limit, try again later"),
    ("124", "--timeout elapsed"),
    ("125", "exec: the command was not run"),
    ("126", "exec: the program cannot be executed"),
    ("127", "exec: there is no such program"),
    ("130", "interrupted (128+n: ended by signal n)"),
    ("255", "exec: the connection was lost; the command is ended there"),
)


class CliError(Exception):
    """Something went wrong and the user should know what, why and what next.

    `code` is stable and machine-readable; `details` are the extras of a problem (candidates, problems, legal_moves).
    """

    exit_code: ClassVar[int] = 1
    default_code: ClassVar[str] = "failed"
    default_hint: ClassVar[str] = "Run the command again with --help to see what it expects."
    retryable: ClassVar[bool] = False

    def __init__(
        self, message: str, *, code: str = "", hint: str = "", details: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.hint = hint or self.default_hint
        self.details: Mapping[str, Any] = details or {}

    def as_json(self) -> dict[str, Any]:
        """Return the published error shape; append-only."""
        body = {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "retryable": self.retryable,
            "exit_code": self.exit_code,
        }
        return {"error": {**body, "details": dict(self.details)} if self.details else body}


class Failed(CliError):
    default_hint = "`corral status` shows whether the hub is well; `corral task explain ID` why a task is where it is."


class Usage(CliError):
    exit_code = 2
    default_code = "usage"


class BadConfig(Usage):
    default_code = "bad_config"
    default_hint = "`corral config check` lists everything that is wrong with your configuration."


class NotFound(CliError):
    exit_code = 3
    default_code = "not_found"
    default_hint = "List what exists: `corral task list --limit 0`, `corral server list`, `corral project list`."


class NotPermitted(CliError):
    exit_code = 4
    default_code = "not_logged_in"
    default_hint = "Log in with `corral login`, or set CORRAL_API_KEY; `corral whoami` shows who you are to the hub."


class Conflict(CliError):
    exit_code = 5
    default_code = "conflict"
    default_hint = "Look at the current state with `corral task show ID`, then decide again."


class NeedsHuman(CliError):
    exit_code = 6
    default_code = "needs_human"
    default_hint = (
        "`corral status` lists what waits for you; then `corral task approve` or `corral intervention respond`."
    )


class Unreachable(CliError):
    exit_code = 7
    default_code = "hub_unreachable"
    default_hint = "Start one here with `corral up`, or name another with --hub-url or CORRAL_HUB_URL."
    retryable = True


class TryLater(CliError):
    exit_code = 75
    default_code = "try_later"
    default_hint = "Wait a little and run the same command again."
    retryable = True


class TimedOut(CliError):
    exit_code = 124
    default_code = "timeout"
    default_hint = "Run the command again with a longer --timeout; nothing was changed by waiting."
    retryable = True


class NotRun(CliError):
    exit_code = 125
    default_code = "not_run"
    default_hint = "`corral server list` shows which machines are there."


class CommandUnusable(CliError):
    exit_code = 126
    default_code = "command_unusable"
    default_hint = "See that it is executable there, and of that machine's kind."


class CommandMissing(CliError):
    exit_code = 127
    default_code = "command_missing"
    default_hint = "Name its whole path, or add its folder to the PATH of the daemon there."


class Lost(CliError):
    exit_code = 255
    default_code = "connection_lost"
    default_hint = "See that the machine is back with `corral server list`, and what the command had done, then run it."
