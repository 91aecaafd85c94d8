"""Remove a directory and everything in it."""

import logging
import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)


def discard(path: Path) -> None:
    """Remove the tree, if there is one, also where its owner may not write in it, as Go leaves its modules. Blocks."""
    shutil.rmtree(path, ignore_errors=True)
    if path.exists():
        _open_up(path)
        shutil.rmtree(path, ignore_errors=True)
    if path.exists():
        log.warning(
            "event=not_removed path=%s hint=%r", path, "files of another account are in it; remove them by hand"
        )


def _open_up(path: Path) -> None:
    """Let the owner write in every directory that is his; links are left alone, for they may lead anywhere."""
    _let_write(path)
    for folder, names, _ in os.walk(path):
        for name in names:
            _let_write(Path(folder, name))


def _let_write(path: Path) -> None:
    with suppress(PermissionError):
        if not path.is_symlink():
            path.chmod(stat.S_IRWXU)
