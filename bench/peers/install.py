"""Other terminal servers, installed into .bench (never into the product's environment), each if it can be."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bench.peers.model import Peer, Plain, Say, Terminado, Ttyd

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".bench"
WITHIN = 300


def installed(say: Say) -> list[Peer]:
    """Return those that are there, or can be made to be; say of the others why not."""
    found: list[Peer] = []
    for name, install in (("terminado", _terminado), ("node-pty + ws", _node_pty), ("ttyd", _ttyd)):
        try:
            found.append(install())
        except (OSError, subprocess.SubprocessError, LookupError) as error:
            say(f"terminals: {name} is not measured: {error}")
    return found


def _terminado() -> Peer:
    python = environment("terminado", HERE / "requirements.txt")
    return Peer("terminado", (str(python), str(HERE / "terminado_server.py")), Terminado)


def _node_pty() -> Peer:
    node, folder = _program("node"), packages("node", HERE / "package.json")
    shutil.copy(HERE / "node_pty_server.js", folder)
    return Peer("node-pty + ws", (node, str(folder / "node_pty_server.js")), Plain)


def environment(name: str, wanted: Path) -> Path:
    """Return the Python of a virtual environment that has what the file lists. Raises LookupError."""
    python = CACHE / name / "bin" / "python"

    def install() -> None:
        _run(sys.executable, "-m", "venv", "--clear", str(CACHE / name))
        _run(str(python), "-m", "pip", "install", "--quiet", "--requirement", str(wanted))

    _once(CACHE / name, wanted, install)
    return python


def packages(name: str, wanted: Path) -> Path:
    """Return a folder with the node packages that the file lists. Raises LookupError."""
    npm, folder = _program("npm"), CACHE / name

    def install() -> None:
        shutil.copy(wanted, folder / "package.json")
        _run(npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--loglevel", "error")

    folder.mkdir(parents=True, exist_ok=True)
    _once(folder, wanted, install)
    return folder


def _ttyd() -> Peer:
    return Peer("ttyd", (_program("ttyd"), "-W", "-i", "lo", "-d", "1", "-p"), Ttyd)


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise LookupError(f"{name} is not on PATH")
    return path


def _once(folder: Path, wanted: Path, install: Callable[[], None]) -> None:
    """Install unless what is wanted is there already."""
    mark = folder / ".installed"
    if not mark.exists() or mark.read_bytes() != wanted.read_bytes():
        install()
        shutil.copy(wanted, mark)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN)
    if done.returncode:
        raise LookupError(f"{' '.join(command[:4])} … failed: {(done.stderr or done.stdout).strip()[-300:]}")
