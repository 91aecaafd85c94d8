"""What follows from the hub's answer to a new connection, and from its end. Pure."""

from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from corral_daemon.link import backoff

AUTH_REFUSED = 4401
SUPERSEDED = 4409
SUSPECT_FOR = 60.0
"""Seconds in which a handshake of ours that was given up may still reach the hub and displace its successor."""


@dataclass(frozen=True, slots=True)
class SendFrom:
    """Records up to and including `after` are committed; the next to send is the one behind it."""

    after: int


@dataclass(frozen=True, slots=True)
class Rename:
    """The hub knows higher numbers than we ever gave: our disk was set back. The spool needs a new name."""

    hub_seq: int


def resume(hub_acked: int, last_seq: int) -> SendFrom | Rename:
    return SendFrom(hub_acked) if hub_acked <= last_seq else Rename(hub_acked)


@dataclass(frozen=True, slots=True)
class Again:
    """Connect again after `pause` seconds."""

    pause: float


@dataclass(frozen=True, slots=True)
class Stop:
    """Another daemon has taken over; fighting it would only disturb its work."""


def after_close(code: int | None, failures: int, abandoned_ago: float | None, chance: float) -> Again | Stop:
    """Decide what to do after a connection or an attempt ended.

    `failures` counts attempts in a row without a good connection. `abandoned_ago` is how long ago (seconds) we last
    gave up a handshake half-way: such a late twin of our own may be what superseded us.
    """
    if code == AUTH_REFUSED:
        return Again(backoff.refused_pause(chance))
    if code == SUPERSEDED and (abandoned_ago is None or abandoned_ago > SUSPECT_FOR):
        return Stop()
    return Again(backoff.pause(failures, chance))


def socket_url(hub_url: str) -> str:
    """Return the address of the daemons' socket; a path in `hub_url` is kept as a prefix."""
    parts = urlsplit(hub_url)
    scheme = {"http": "ws", "https": "wss"}[parts.scheme]
    return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") + "/ws/server", "", ""))


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in {"localhost", "::1"} or host.startswith("127.")
