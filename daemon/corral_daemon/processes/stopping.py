"""How a tree is brought to its end: patience first, then TERM, then KILL. Pure; times are steady seconds."""

from dataclasses import dataclass, replace
from enum import IntEnum


class Stage(IntEnum):
    """RUNNING: the main process lives. LINGERING: it ended by itself, what it left behind may still finish."""

    RUNNING = 0
    LINGERING = 1
    TERMINATING = 2
    KILLING = 3


@dataclass(frozen=True, slots=True)
class Course:
    """`until` ends the stage. `ordered` tells whether somebody stopped the main process before it ended by itself."""

    stage: Stage = Stage.RUNNING
    until: float | None = None
    ordered: bool = False


def on_exit(course: Course, now: float, linger: float) -> Course:
    """The main process ended; other processes of the tree are left."""
    if course.stage is not Stage.RUNNING:
        return course
    return replace(course, stage=Stage.LINGERING, until=now + linger)


def on_order(course: Course, now: float, grace: float) -> Course:
    """Somebody wants the tree gone. A later order may only make it go sooner."""
    if course.stage is Stage.KILLING:
        return course
    until = now + grace
    if course.stage is Stage.TERMINATING and course.until is not None:
        until = min(until, course.until)
    ordered = course.ordered or course.stage is Stage.RUNNING
    return Course(Stage.TERMINATING, until, ordered)


def on_time(course: Course, now: float, grace: float) -> Course:
    """Move on once the stage is over; `grace` is what leftovers get."""
    if course.until is None or now < course.until:
        return course
    if course.stage is Stage.LINGERING:
        return replace(course, stage=Stage.TERMINATING, until=now + grace)
    return replace(course, stage=Stage.KILLING, until=None)
