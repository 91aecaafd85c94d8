"""Record a clip: `python -m tests.daemon.attention.recording NAME SCRIPT`, SCRIPT being a JSON file.

{"about": {"agent": "claude_code", "program": "claude 2.1.197"}, "argv": ["claude"], "directory": "/tmp/work",
 "env": {…}, "cols": 80, "rows": 24, "steps": [[seconds or "text to wait for", "keys"], …]}

What is written down is what the product notices: a real holder, scribe and PTY. What it makes of it is printed, and
becomes the clip's expectation with `--expect`, for a person to read before it is committed.
"""

import asyncio
import base64
import json
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from corral_daemon import agents, clock
from corral_daemon.attention import record
from corral_daemon.attention.model import Signal, State
from corral_daemon.attention.reduce import reduce
from corral_daemon.attention.watch import Watch
from corral_daemon.errors import ScribeFailed
from corral_daemon.ports import RunnerSettings
from corral_daemon.pty.launch import Means
from corral_daemon.pty.sessions import Sessions
from corral_daemon.recording.shipper import Shipper
from corral_daemon.scribe.client import Scribe
from corral_daemon.spool.spool import MIB
from corral_protocol.sessions import SessionForget, SessionInput, SessionStart
from tests.daemon.attention import clip


async def film(script: dict[str, Any], writer: clip.Writer, state: Path) -> None:
    begin = clock.steady()

    def noted(known: State, signal: Signal) -> State:
        writer.add(signal, signal.at - begin)
        return reduce(known, signal)

    record.reduce = noted
    scribe, adapters = Scribe(state / "screens"), agents.registry()
    environment = {**os.environ, **script.get("env", {})}
    base = {name: value for name, value in environment.items() if value}
    means = Means(settings=RunnerSettings(state_dir=state), adapters=adapters, base=base)
    sessions = Sessions(means, 1 << 20, scribe, Shipper(state / "recordings", MIB), Watch(scribe, adapters))
    sessions.hear(
        SessionStart(
            session_id="clip",
            argv=tuple(script["argv"]),
            working_directory=script.get("directory"),
            cols=script.get("cols", 80),
            rows=script.get("rows", 24),
        )
    )
    try:
        for what, keys in script["steps"]:
            await _until(scribe, what)
            if keys:
                typed = base64.b64encode(keys.encode()).decode()
                sessions.hear(SessionInput(session_id="clip", data=typed))
    finally:
        sessions.hear(SessionForget(session_id="clip"))
        await asyncio.sleep(0.3)
        await sessions.close()


async def _until(scribe: Scribe, what: float | str) -> None:
    """Wait so many seconds, or until the screen shows a text."""
    if not isinstance(what, str):
        await asyncio.sleep(what)
        return
    lines: tuple[str, ...] = ()
    async with asyncio.timeout(90):
        while not any(what in line for line in lines):
            await asyncio.sleep(0.1)
            with suppress(ScribeFailed):  # it has not been started yet
                lines = (await scribe.look("clip", None)).lines


def main(name: str, script: Path, *more: str) -> None:
    plan = json.loads(script.read_text())
    writer = clip.Writer({"clip": name, "origin": "recorded", **plan.get("about", {})})
    with tempfile.TemporaryDirectory() as state:
        asyncio.run(film(plan, writer, Path(state)))
    path = clip.FOLDER / f"{name}.jsonl"
    writer.save(path)
    expect = clip.told(clip.load(path).signals)
    for one in expect:
        print(*one, sep="\t")
    if "--expect" in more:
        writer.lines.append({"expect": expect})
        writer.save(path)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
