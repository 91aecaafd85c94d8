"""Outside the walls: give up being root, put limits on, start bubblewrap, and watch the memory of what is in there.

A script of its own, run by its path with `python -I -S`; it may import nothing but the standard library.
argv[1]: JSON of {bwrap, arguments, binds: [[from, to, writable]], uid, workspace, limits, filter}.
"""

import base64
import ctypes
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

OVER_MEMORY = 120
"""The exit code when it used more memory than it may."""
_LOOK_EVERY = 0.05
_NEW_MOUNTS = 0x00020000  # CLONE_NEWNS
_PRIVATE, _BIND = 1 << 18, 4096  # MS_PRIVATE, MS_BIND
_RECURSIVE = 1 << 14  # MS_REC
_STAGE = "/tmp"  # noqa: S108 - a file system of our own is mounted there first


def main() -> int:
    order: dict[str, Any] = json.loads(sys.argv[1])
    binds = order["binds"]
    if os.geteuid() == 0:
        _give(order["workspace"], order["uid"])
        binds = _stage(binds)
        _become(order["uid"])
    _limit(order["limits"])
    reading = _filter(order["filter"])
    words = [order["bwrap"], *order["walls"]]
    for source, target, writable in binds:
        words += ["--bind" if writable else "--ro-bind", source, target]
    if reading is not None:
        words += ["--seccomp", str(reading)]
    words += order["inside"]
    passed = () if reading is None else (reading,)
    process = subprocess.Popen(words, env={}, cwd="/", pass_fds=passed)
    return _watch(process, order["limits"]["memory"])


def _stage(binds: list[list[Any]]) -> list[list[Any]]:
    """Show everything at a place that another user can reach: homes and states are closed to everybody else."""
    libc = ctypes.CDLL(None, use_errno=True)
    _call(libc.unshare, _NEW_MOUNTS)
    _call(libc.mount, b"none", b"/", None, _PRIVATE | _RECURSIVE, None)
    sources = [os.open(source, os.O_PATH | os.O_CLOEXEC) for source, _, _ in binds]
    _call(libc.mount, b"tmpfs", _STAGE.encode(), b"tmpfs", 0, b"mode=755,size=64k")
    staged: list[list[Any]] = []
    for index, (opened, bind) in enumerate(zip(sources, binds, strict=True)):
        place = f"{_STAGE}/{index}"
        source = f"/proc/self/fd/{opened}"
        if Path(source).is_dir():
            Path(place).mkdir()
        else:
            os.close(os.open(place, os.O_CREAT | os.O_CLOEXEC))
        _call(libc.mount, source.encode(), place.encode(), None, _BIND | _RECURSIVE, None)
        staged.append([place, bind[1], bind[2]])
    return staged


def _call(function: Any, *arguments: Any) -> None:
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _give(workspace: str, uid: int) -> None:
    folder = os.open(workspace, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    os.fchown(folder, uid, uid)
    os.close(folder)


def _become(uid: int) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def _limit(limits: dict[str, int]) -> None:
    for which, name in (
        (resource.RLIMIT_CPU, "cpu"),
        (resource.RLIMIT_DATA, "memory"),
        (resource.RLIMIT_FSIZE, "file_size"),
        (resource.RLIMIT_NOFILE, "files"),
    ):
        resource.setrlimit(which, (limits[name], limits[name]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _filter(coded: str | None) -> int | None:
    if coded is None:
        return None
    reading, writing = os.pipe()
    os.write(writing, base64.b64decode(coded))
    os.close(writing)
    return reading


def _watch(process: "subprocess.Popen[bytes]", most: int) -> int:
    """Limits are per process; what all of them use together is looked at from here.

    Only bytes are read: this user may not open the folder from which Python would load a codec.
    """
    page = os.sysconf("SC_PAGE_SIZE")
    while True:
        try:
            code = process.wait(_LOOK_EVERY)
        except subprocess.TimeoutExpired:
            if sum(_resident(pid) for pid in _tree(process.pid)) * page > most:
                process.kill()
                process.wait()
                return OVER_MEMORY
        else:
            return code if code >= 0 else 128 - code


def _tree(root: int) -> list[int]:
    found, todo = [root], [root]
    while todo:
        below = _children(todo.pop())
        found += below
        todo += below
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (thread / "children").read_bytes().split())
    except (FileNotFoundError, ProcessLookupError):
        return found
    return found


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


if __name__ == "__main__":
    sys.exit(main())
