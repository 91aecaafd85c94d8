"""Start the holder. It must live longer than we do, so it is nobody's child and imports nothing that may change."""

import os
import subprocess
import sys
from pathlib import Path

import ptyprocess

from corral_daemon.pty.folder import LOG, prepare

_START = "import sys; sys.path[:0] = sys.argv[1:-1]; from corral_daemon.pty.main import main; main()"


def spawn(place: Path) -> None:
    """Start a holder; where there is one already, the new one leaves again. Raises HolderUnusable, OSError."""
    prepare(place)
    roots = [str(Path(module).resolve().parents[depth]) for module, depth in ((__file__, 2), (ptyprocess.__file__, 1))]
    with (place / LOG).open("ab") as log:
        subprocess.run(
            [sys.executable, "-I", "-S", "-c", _START, *roots, str(place)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            env={"PATH": os.defpath},
            start_new_session=True,
            cwd="/",
        )
