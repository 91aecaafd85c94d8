"""Whether this machine can put code behind walls, found out by doing it."""

import asyncio
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from corral_daemon.sandbox import box
from corral_daemon.sandbox.limits import Limits

_WITHIN = 20.0
_HINT = "install bubblewrap 0.8 or newer there, and allow user namespaces (in a container: --security-opt seccomp=…)"


@dataclass(frozen=True, slots=True)
class Walls:
    """`bwrap`: its path. None: there are no walls here, and `why` says why not."""

    bwrap: str | None
    why: str = ""

    @property
    def problem(self) -> str:
        return f"this machine cannot wall code in: {self.why}; {_HINT}"


class Mason:
    """Tries once, and again when bubblewrap was installed or replaced meanwhile."""

    def __init__(self) -> None:
        self._tried: dict[tuple[str, float], Walls] = {}
        self._turn = asyncio.Lock()

    async def walls(self) -> Walls:
        found = shutil.which("bwrap")
        if found is None:
            return Walls(None, "there is no bwrap")
        key = (found, await asyncio.to_thread(os.path.getmtime, found))
        async with self._turn:
            if key not in self._tried:
                self._tried[key] = await asyncio.to_thread(_try, found)
        return self._tried[key]


mason = Mason()


def _try(bwrap: str) -> Walls:
    with tempfile.TemporaryDirectory(prefix="corral-walls-") as folder:
        argv = box.command(bwrap, box.python(), Path(folder), Limits(cpu=10))
        given = json.dumps({"code": "output = 42", "input_data": {}, "workspace_dir": box.WORKSPACE})
        try:
            done = subprocess.run(argv, input=given.encode(), capture_output=True, timeout=_WITHIN, env={}, cwd="/")
        except (OSError, subprocess.TimeoutExpired) as error:
            return Walls(None, str(error))
    if b'"output": 42' in done.stdout:
        return Walls(bwrap)
    said = done.stderr.decode("utf-8", "replace").strip().splitlines() or [f"it ended with {done.returncode}"]
    return Walls(None, said[-1][:300])
