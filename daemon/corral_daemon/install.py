"""A service that starts the daemon with the machine: systemd on Linux, launchd on macOS."""

import plistlib
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corral_daemon.errors import InstallError
from corral_daemon.files import write_atomically
from corral_daemon.settings import Place

UNIT = "corral-daemon.service"
LABEL = "dev.corral.daemon"
STOP_MARGIN = 30
"""Seconds beyond the drain grace before the service manager kills what is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service file and the commands that switch it on and off, in order."""

    path: Path
    text: str
    enable: tuple[tuple[str, ...], ...]
    disable: tuple[tuple[str, ...], ...]


def plan(platform: str, home: Path, where: Place, drain_grace: int, *, system_wide: bool, uid: int) -> Service:
    """Return what to install. Pure. Raises InstallError where there is no service manager we know."""
    argv = (sys.executable, "-m", "corral_daemon", "run", "--config", str(where.config))
    environment = {"CORRAL_HOME": str(where.state.parent)}
    if platform.startswith("linux"):
        return _systemd(home, argv, environment, drain_grace + STOP_MARGIN, system_wide)
    if platform == "darwin":
        return _launchd(home, argv, environment, drain_grace + STOP_MARGIN, system_wide, uid)
    raise InstallError(f"no service manager is known for {platform}", "start `corral daemon run` yourself")


def install(service: Service) -> None:
    """Write the file and start the service. Raises InstallError."""
    _require(service.enable)
    try:
        write_atomically(service.path, service.text, 0o644)
    except OSError as error:
        raise InstallError(
            f"{service.path} cannot be written: {error.strerror}", "use --user, or run as root for --system"
        ) from error
    _run(service.enable)


def uninstall(service: Service) -> bool:
    """Stop the service and remove its file; return whether there was one. Configuration and spool stay."""
    if not service.path.exists():
        return False
    _require(service.disable)
    _run(service.disable[:1])
    service.path.unlink()
    _run(service.disable[1:])
    return True


def _systemd(
    home: Path, argv: Sequence[str], environment: Mapping[str, str], stop_within: int, system_wide: bool
) -> Service:
    control = ("systemctl",) if system_wide else ("systemctl", "--user")
    directory = Path("/etc/systemd/system") if system_wide else home / ".config/systemd/user"
    variables = "".join(f"Environment={_quoted(f'{name}={value}')}\n" for name, value in environment.items())
    text = (
        "[Unit]\n"
        "Description=Corral daemon\n"
        "After=network-online.target\n"
        "Wants=network-online.target\n"
        "StartLimitIntervalSec=0\n"
        "\n[Service]\n"
        f"ExecStart={' '.join(_quoted(word) for word in argv)}\n"
        f"{variables}"
        "Restart=on-failure\n"
        "RestartSec=5\n"
        "# SIGTERM to the daemon alone: it drains, and stops the trees of its units itself. The holder of terminals\n"
        "# is left running, so that they survive a restart and an upgrade.\n"
        "KillMode=process\n"
        f"TimeoutStopSec={stop_within}\n"
        "\n[Install]\n"
        f"WantedBy={'multi-user.target' if system_wide else 'default.target'}\n"
    )
    return Service(
        path=directory / UNIT,
        text=text,
        enable=((*control, "daemon-reload"), (*control, "enable", "--now", UNIT)),
        disable=((*control, "disable", "--now", UNIT), (*control, "daemon-reload")),
    )


def _launchd(
    home: Path, argv: Sequence[str], environment: Mapping[str, str], stop_within: int, system_wide: bool, uid: int
) -> Service:
    root = Path("/") if system_wide else home
    path = root / "Library" / ("LaunchDaemons" if system_wide else "LaunchAgents") / f"{LABEL}.plist"
    domain = "system" if system_wide else f"gui/{uid}"
    logs = str(root / "Library/Logs/corral-daemon.log")
    body = {
        "Label": LABEL,
        "ProgramArguments": list(argv),
        "EnvironmentVariables": dict(environment),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "AbandonProcessGroup": True,  # the holder of terminals outlives the daemon
        "ExitTimeOut": stop_within,
        "StandardErrorPath": logs,
        "StandardOutPath": logs,
    }
    return Service(
        path=path,
        text=plistlib.dumps(body).decode(),
        enable=(("launchctl", "bootstrap", domain, str(path)),),
        disable=(("launchctl", "bootout", f"{domain}/{LABEL}"),),
    )


def _quoted(word: str) -> str:
    """Quote for systemd, whose `%` and `$` mean something inside quotes too."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


def _require(commands: Sequence[Sequence[str]]) -> None:
    program = commands[0][0]
    if shutil.which(program) is None:
        raise InstallError(f"{program} is not on this machine", "start `corral daemon run` by other means")


def _run(commands: Sequence[Sequence[str]]) -> None:
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise InstallError(f"`{' '.join(command)}` failed: {(done.stderr or done.stdout).strip()}")
