"""Whether a machine is there. Judged on the hub's monotonic clock only. Pure."""

from enum import StrEnum


class Presence(StrEnum):
    ONLINE = "online"
    LOST = "lost"


def judge(now: float, last_seen: float, offline_after: float, started: float, grace: float) -> Presence:
    """Return whether a machine last heard of at `last_seen` is lost. All arguments are seconds.

    Nobody is lost within `grace` of the hub's own start: silence may have been ours.
    """
    if now - started < grace:
        return Presence.ONLINE
    return Presence.LOST if now - max(last_seen, started) >= offline_after else Presence.ONLINE
