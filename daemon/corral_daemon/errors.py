"""Every failure the daemon names.

DaemonError
├── ConfigError         the configuration cannot be used
├── EnrolError          joining the hub failed; the old key, if any, is untouched
├── AlreadyRunning      another daemon holds the state directory
├── Superseded          a newer daemon connected with our key
├── InstallError        the service unit could not be installed
├── SpoolUnusable       the spool's file can be neither opened nor repaired
├── SpoolClosed         a record came after the spool was closed
├── HolderUnusable      the process that holds the terminals cannot be reached
├── SessionFailed       a terminal session could not be started or asked
├── ScribeFailed        what is on a terminal's screen cannot be told
└── RemoteFailed        a single command or a file: it was not done, or not to the end

Each carries a stable `code` and a `hint` that says what to do next.
"""


class DaemonError(Exception):
    code = "daemon_error"
    hint = "run `corral doctor`"

    def __init__(self, message: str, hint: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint or self.hint
        self.code = code or self.code


class ConfigError(DaemonError):
    code = "config_invalid"
    hint = "correct the file, or run `corral join TOKEN` to write a new one"


class EnrolError(DaemonError):
    code = "join_failed"
    hint = "ask an admin for a new token: `corral token create`"


class AlreadyRunning(DaemonError):
    code = "already_running"
    hint = "stop the other daemon, or give this one its own CORRAL_HOME"


class Superseded(DaemonError):
    code = "superseded"
    hint = "two daemons use one API key; enrol this machine by itself with `corral join TOKEN`"


class InstallError(DaemonError):
    code = "install_failed"
    hint = "run with --dry-run to see what would be done"


class SpoolUnusable(DaemonError):
    code = "spool_unusable"
    hint = "free space on its disk, and see that the directory is yours to write"


class SpoolClosed(DaemonError):
    code = "spool_closed"
    hint = "the daemon is stopping"


class HolderUnusable(DaemonError):
    code = "holder_unusable"
    hint = "look into the log in the folder `holder` of the daemon's state folder"


class SessionFailed(DaemonError):
    code = "session_failed"
    hint = "look into the daemon's log"


class ScribeFailed(DaemonError):
    code = "scribe_failed"
    hint = "look into the daemon's log; output goes on without it"


class RemoteFailed(DaemonError):
    """`version`: what the file is now, where it is not what was expected."""

    code = "remote_failed"
    hint = "look into the daemon's log"

    def __init__(
        self, message: str, hint: str | None = None, code: str | None = None, version: str | None = None
    ) -> None:
        super().__init__(message, hint, code)
        self.version = version
