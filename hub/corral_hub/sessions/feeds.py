"""How a channel talks with the machine its session runs on: in frames, or as older agents do."""

import base64
from typing import Protocol
from uuid import UUID

from corral_protocol.frames import HEADER, Kind, pack
from corral_protocol.sessions import SessionInput, SessionSnapshot, SessionUnwatch, SessionWatch
from corral_protocol.to_daemon import ToDaemon
from corral_protocol.vocabulary import Feature

RESET = b"\x1bc"


class Lines(Protocol):
    """The way to the daemons. Sending returns at once; to a machine that is not connected it does nothing."""

    def send(self, server_id: UUID, message: ToDaemon) -> None: ...
    def send_bytes(self, server_id: UUID, frame: bytes) -> None: ...
    def has(self, server_id: UUID, feature: Feature) -> bool: ...


class Feed(Protocol):
    def watch(self, channel: int, offset: int | None) -> None: ...
    def unwatch(self, channel: int) -> None: ...
    def snapshot(self, channel: int, base: int) -> bytes | None:
        """Return a SNAPSHOT frame at `base`, or ask the machine for one."""
        ...

    def acknowledge(self, channel: int, offset: int) -> None: ...
    def type(self, frame: bytes) -> None: ...


class Framed:
    """Our daemons: offsets, snapshots and acknowledgements are theirs."""

    def __init__(self, lines: Lines, server_id: UUID, session_id: UUID) -> None:
        self._lines = lines
        self._server_id = server_id
        self._session_id = str(session_id)

    def watch(self, channel: int, offset: int | None) -> None:
        self._say(SessionWatch(session_id=self._session_id, channel=channel, offset=offset))

    def unwatch(self, channel: int) -> None:
        self._say(SessionUnwatch(session_id=self._session_id, channel=channel))

    def snapshot(self, channel: int, base: int) -> None:
        self._say(SessionSnapshot(session_id=self._session_id, channel=channel))

    def acknowledge(self, channel: int, offset: int) -> None:
        self._lines.send_bytes(self._server_id, pack(Kind.ACK, channel, offset))

    def type(self, frame: bytes) -> None:
        self._lines.send_bytes(self._server_id, frame)

    def _say(self, message: ToDaemon) -> None:
        self._lines.send(self._server_id, message)


class Wrapped:
    """Older agents: they send everything, whoever watches, and draw no snapshots."""

    def __init__(self, lines: Lines, server_id: UUID, session_id: UUID) -> None:
        self._lines = lines
        self._server_id = server_id
        self._session_id = str(session_id)

    def watch(self, channel: int, offset: int | None) -> None: ...

    def unwatch(self, channel: int) -> None: ...

    def snapshot(self, channel: int, base: int) -> bytes:
        """An empty screen, on which the last output is shown again."""
        return pack(Kind.SNAPSHOT, channel, base, RESET)

    def acknowledge(self, channel: int, offset: int) -> None: ...

    def type(self, frame: bytes) -> None:
        data = base64.b64encode(memoryview(frame)[HEADER.size :]).decode()
        self._lines.send(self._server_id, SessionInput(session_id=self._session_id, data=data))
