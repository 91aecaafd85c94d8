"""The machine's process table, read from /proc, or from `ps` where there is no /proc."""

import os
import signal
import subprocess

from corral_daemon.processes.tree import Process

COOKIE = "CORRAL_UNIT"
HAS_PROC = os.access("/proc/self/stat", os.R_OK)
_COOKIE_BYTES = f"{COOKIE}=".encode()
_PIECE = 1 << 16


def read(*, cookies: bool = False) -> dict[int, Process]:
    """Return every process; with `cookies` also the value of CORRAL_UNIT in its first environment."""
    return _read_proc(cookies) if HAS_PROC else _read_ps()


def parse_stat(text: bytes) -> Process | None:
    """Read a line of /proc/PID/stat. The name in parentheses may hold anything, parentheses and spaces too."""
    words = text[text.rfind(b")") + 1 :].split()
    if len(words) < 20:
        return None
    ppid, pgid, sid = (int(word) for word in words[1:4])
    return Process(ppid, pgid, sid, words[19].decode("ascii"), None, words[0] in (b"Z", b"X"))


def parse_cookie(environ: bytes) -> str | None:
    for entry in environ.split(b"\0"):
        if entry.startswith(_COOKIE_BYTES):
            return entry[len(_COOKIE_BYTES) :].decode("utf-8", "replace")
    return None


def parse_ps(text: str) -> dict[int, Process]:
    """Read the columns pid, ppid, pgid, stat, lstart of `ps`, which knows no sessions and no environments for sure."""
    found: dict[int, Process] = {}
    for line in text.splitlines():
        words = line.split(None, 4)
        if len(words) == 5 and all(word.isdigit() for word in words[:3]):
            pid, ppid, pgid = (int(word) for word in words[:3])
            found[pid] = Process(ppid, pgid, pgid, words[4].strip(), None, words[3].startswith("Z"))
    return found


def send(pid: int, started: str, number: int) -> bool:
    """Send a signal to exactly the process that was seen with this start time; return whether it was there."""
    if not hasattr(os, "pidfd_open"):
        return _is_same(pid, started) and _kill(pid, number)
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    except OSError:  # an old kernel, or a sandbox without pidfds
        return _is_same(pid, started) and _kill(pid, number)
    try:
        if not _is_same(pid, started):
            return False
        signal.pidfd_send_signal(handle, number)
    except (ProcessLookupError, PermissionError):
        return False
    finally:
        os.close(handle)
    return True


def _is_same(pid: int, started: str) -> bool:
    if not HAS_PROC:
        return _read_ps().get(pid, Process(0, 0, 0, "")).started == started
    process = parse_stat(_slurp(f"/proc/{pid}/stat"))
    return process is not None and process.started == started


def _kill(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _read_proc(cookies: bool) -> dict[int, Process]:
    found: dict[int, Process] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - pathlib costs more than the rest of the keeper
        if name.isdigit():
            process = parse_stat(_slurp(f"/proc/{name}/stat"))
            if process is not None:
                cookie = parse_cookie(_slurp(f"/proc/{name}/environ")) if cookies else None
                found[int(name)] = process._replace(cookie=cookie)
    return found


def _read_ps() -> dict[int, Process]:
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,pgid=,stat=,lstart="], capture_output=True, check=False, text=True, env={}
    )
    return parse_ps(listed.stdout)


def _slurp(path: str) -> bytes:
    """Return the whole file, or nothing: the process may have ended, or belong to somebody else."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        pieces: list[bytes] = []
        while piece := os.read(descriptor, _PIECE):
            pieces.append(piece)
        return b"".join(pieces)
    except OSError:
        return b""
    finally:
        os.close(descriptor)
