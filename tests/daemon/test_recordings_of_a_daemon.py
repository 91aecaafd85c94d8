"""A real daemon, its holder, its scribe, and a hub that takes recordings: what leaves the machine, and what stays."""

from pathlib import Path

from websockets.asyncio.server import ServerConnection

from corral_protocol import tape
from corral_protocol.frames import HEADER, Kind
from corral_protocol.recordings import RecordingTaken, Segment, expand, read_label
from corral_protocol.sessions import SessionForget, SessionStart
from corral_protocol.vocabulary import Feature, RecordingState
from tests.daemon.daemon_world import until
from tests.daemon.terminal_world import gone
from tests.daemon.test_terminals_of_a_daemon import RAW, Machine, TerminalHub

SECRET = "sk-corral-0123456789abcdef"


class Archive(TerminalHub):
    """Keeps segments, each once, and acknowledges them; `deaf`: does not."""

    def __init__(self) -> None:
        super().__init__()
        self.features = (Feature.SESSIONS.value, Feature.RECORDINGS.value)
        self.segments: dict[int, tuple[Segment, bytes]] = {}
        self.deaf = False

    async def take_binary(self, socket: ServerConnection, frame: bytes) -> None:
        if frame[0] != Kind.RECORDING:
            await super().take_binary(socket, frame)
            return
        label, start = read_label(frame[HEADER.size :])
        known = self.segments.setdefault(label.number, (label, frame[HEADER.size + start :]))
        assert known == (label, frame[HEADER.size + start :]), "sent again, it is the same"
        if not self.deaf:
            await self.tell(RecordingTaken(session_id=label.session_id, number=label.number))

    async def watch(self, session_id: str) -> None:
        if session_id in self.views:
            await super().watch(session_id)

    async def record(self, script: str, **more: object) -> None:
        start = SessionStart(session_id="s", argv=("sh", "-c", script), record=True, **more)  # pyright: ignore
        await self.tell(start)

    @property
    def ended(self) -> bool:
        return any(label.state is RecordingState.ENDED for label, _ in self.segments.values())

    def output(self) -> bytes:
        parts = [expand(body) for _, (_, body) in sorted(self.segments.items())]
        events = [event for part in parts for event in tape.unpack(part)]
        return b"".join(event.data for event in events if event.kind is tape.Kind.OUTPUT)


async def test_no_secret_leaves_the_machine_or_lies_on_its_disk(tmp_path: Path) -> None:
    hub, go = Archive(), tmp_path / "go"
    await hub.start()
    here = Machine(tmp_path / "state", hub)
    here.state.mkdir()
    try:
        await here.start()
        hub.deaf = True
        half = len(SECRET) // 2
        script = (
            f"{RAW}printf 'a {SECRET[:half]}'; while [ ! -e {go} ]; do sleep 0.01; done; printf '{SECRET[half:]} b'"
        )
        await hub.record(script, secrets=(SECRET,))
        await until(lambda: bool(hub.of("session_started")))
        await here.kill()
        go.touch()
        await here.start()
        await until(lambda: hub.ended)
        stars = b"*" * len(SECRET)
        assert hub.output() == b"a " + stars + b" b"
        files = [path.read_bytes() for path in (here.state / "recordings").rglob("*.segment")]
        assert files
        kept = b"".join(expand(data[read_label(data)[1] :]) for data in files)
        for half_of in (SECRET[:half], SECRET[half:]):
            assert half_of.encode() not in kept + b"".join(files) + hub.output()
        assert all(path.stat().st_mode & 0o077 == 0 for path in (here.state / "recordings").rglob("*"))
        hub.deaf = False
        await here.kill()
        await here.start()
        await hub.tell(SessionForget(session_id="s"))
        await until(lambda: not any((here.state / "recordings").glob("*")))
    finally:
        await hub.tell(SessionForget(session_id="s"))
        assert here.daemon
        here.daemon.terminate()
        await here.daemon.wait()
        await hub.stop()
        await gone(here.state)


async def test_a_hub_without_recordings_gets_none(tmp_path: Path) -> None:
    hub = Archive()
    hub.features = (Feature.SESSIONS.value,)
    await hub.start()
    here = Machine(tmp_path, hub)
    try:
        await here.start()
        view = await hub.start_session("s", f"{RAW}printf plain")
        await until(lambda: hub.closed("s") is not None and view.end == 5)
        assert not hub.segments and not any((tmp_path / "recordings").glob("*"))
        await hub.tell(SessionForget(session_id="s"))
    finally:
        assert here.daemon
        here.daemon.terminate()
        await here.daemon.wait()
        await hub.stop()
        await gone(tmp_path)
