"""When to ping, when to send a heartbeat, when a socket is dead. Pure; times are seconds of a steady clock."""

from dataclasses import dataclass, replace
from enum import Enum, auto

PING_EVERY = 10.0
PONG_WITHIN = 10.0
JITTER = 0.1
LEAST_HEARTBEAT = 0.1
"""Seconds between heartbeats, whatever a hub asks for: zero would be without end."""


class Due(Enum):
    PING = auto()
    HEARTBEAT = auto()
    DEAD = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Liveness:
    """`pinged` is when the ping was sent that nothing has answered yet; any frame from the hub answers it."""

    heard: float
    next_heartbeat: float
    heartbeat: float
    pinged: float | None = None


def begin(now: float, heartbeat: float) -> Liveness:
    """The first heartbeat goes out at once: the hub wants the machine's figures."""
    interval = heartbeat if heartbeat >= LEAST_HEARTBEAT else LEAST_HEARTBEAT  # also for what is not a number
    return Liveness(heard=now, next_heartbeat=now, heartbeat=interval)


def hear(state: Liveness, now: float) -> Liveness:
    return replace(state, heard=now, pinged=None)


def due(state: Liveness, now: float, chance: float) -> tuple[Liveness, tuple[Due, ...]]:
    """Return what has to be done at `now`, and the state after it was done."""
    if state.pinged is not None and now - state.pinged >= PONG_WITHIN:
        return state, (Due.DEAD,)
    todo: tuple[Due, ...] = ()
    if state.pinged is None and now - state.heard >= PING_EVERY:
        state, todo = replace(state, pinged=now), (Due.PING,)
    if now >= state.next_heartbeat:
        interval = state.heartbeat * (1.0 + JITTER * (2.0 * chance - 1.0))
        state, todo = replace(state, next_heartbeat=now + interval), (*todo, Due.HEARTBEAT)
    return state, todo


def wake_at(state: Liveness) -> float:
    """Return when to ask `due` again."""
    socket = state.heard + PING_EVERY if state.pinged is None else state.pinged + PONG_WITHIN
    return min(socket, state.next_heartbeat)


def was_away(last_contact: float | None, now: float, offline_after: float) -> float | None:
    """Return for how long the hub has not heard of us, where that is so long that it has given our work away."""
    if last_contact is None or now - last_contact <= offline_after:
        return None
    return now - last_contact
