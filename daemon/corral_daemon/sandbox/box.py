"""The walls themselves: what is shown to the code, and the command line that puts it behind them."""

import base64
import json
import os
import platform
import shutil
import sys
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corral_daemon.sandbox.limits import MIB, Limits
from corral_daemon.sandbox.seccomp import program

HERE = Path(__file__).resolve().parent
LAUNCH = str(HERE / "launch.py")
SCRIPTS = "/corral"
WORKSPACE = "/workspace"
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives")
_FIRST_USER, _USERS = 61_184, 4_000
"""Below 65,536, so that it is there in containers, too; systemd gives these numbers to nobody who stays."""
_PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class Program:
    """`path`: of the interpreter, outside and inside; `words`: behind it; `shown`: folders it needs."""

    path: str
    words: tuple[str, ...]
    shown: tuple[str, ...] = ()


def interpreter() -> str:
    """Return the path of the Python that we run on, without its virtual environment."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def python() -> Program:
    return Program(interpreter(), ("-I", "-S", f"{SCRIPTS}/run_python.py"))


def javascript(limits: Limits, *arguments: str) -> Program | None:
    """Return None where there is no Node.js."""
    found = shutil.which("node")
    if found is None:
        return None
    path = os.path.realpath(found)
    heap = max(16, limits.memory // MIB * 3 // 4)
    words = (f"--max-old-space-size={heap}", "--no-warnings", f"{SCRIPTS}/run_javascript.js", *arguments)
    return Program(path, words, (str(Path(path).parents[1]),))


def command(bwrap: str, program_: Program, workspace: Path, limits: Limits) -> tuple[str, ...]:
    """Return the argv that runs a program behind walls, with this workspace as the only thing it may change."""
    order: dict[str, Any] = {
        "bwrap": bwrap,
        "walls": _walls(limits),
        "binds": _binds(program_, workspace),
        "inside": _inside(program_, limits),
        "uid": user_of(workspace.name),
        "workspace": str(workspace),
        "limits": asdict(limits),
        "filter": _coded(program(platform.machine())),
    }
    return (interpreter(), "-I", "-S", LAUNCH, json.dumps(order))


def user_of(workspace: str) -> int:
    """Return the user that code of a workflow runs as where the daemon is root: nobody's, and its own."""
    return _FIRST_USER + zlib.crc32(workspace.encode()) % _USERS


def _walls(limits: Limits) -> list[str]:
    words = [
        "--unshare-user",
        "--unshare-ipc",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-uts",
        "--unshare-cgroup-try",
    ]
    words += ["--disable-userns", "--hostname", "sandbox", "--new-session", "--die-with-parent", "--cap-drop", "ALL"]
    words += ["--proc", "/proc", "--dev", "/dev"]
    words += ["--size", str(limits.scratch), "--tmpfs", "/dev/shm"]  # noqa: S108 - inside
    words += ["--size", str(limits.scratch), "--tmpfs", "/tmp"]  # noqa: S108 - inside
    for path in _SYSTEM:
        if Path(path).is_symlink():
            words += ["--symlink", str(Path(path).readlink()), path]
        elif Path(path).exists():
            words += ["--ro-bind", path, path]
    return words


def _binds(program_: Program, workspace: Path) -> list[list[Any]]:
    shown = dict.fromkeys((sys.base_prefix, *program_.shown))
    own = [path for path in shown if not _is_below_system(path)]
    binds: list[list[Any]] = [[os.path.realpath(path), path, False] for path in own]
    return [*binds, [str(HERE), SCRIPTS, False], [str(workspace), WORKSPACE, True]]


def _is_below_system(path: str) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in _SYSTEM)


def _inside(program_: Program, limits: Limits) -> list[str]:
    environment: Mapping[str, str] = {
        "PATH": _PATH,
        "HOME": WORKSPACE,
        "TMPDIR": "/tmp",  # noqa: S108 - inside
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    words = ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", WORKSPACE, "--clearenv"]
    for name, value in environment.items():
        words += ["--setenv", name, value]
    script = f"{SCRIPTS}/inside.py"
    return [
        *words, "--", interpreter(), "-I", "-S", script, str(limits.processes), program_.path, *program_.words
    ]  # fmt: skip


def _coded(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode("ascii")
