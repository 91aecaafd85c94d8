"""Many at once: a slow viewer among twenty, fifty sessions that echo, a flood that nobody takes and Ctrl-C."""

import selectors
import sys
import time
from contextlib import ExitStack

from bench.figures import Figure, Round, figure, percentile
from bench.hall import Hall
from bench.lab import Lab
from bench.viewer import Viewer

ECHO = ["sh", "-c", "stty raw -echo; exec cat"]
VIEWERS = 20
SESSIONS = 50
SLOW = 10_000
KEYS = 200
MOST_MS = 200
CTRL_C = b"\x03"
BUSY = "cat /dev/zero | tr '\\0' x"


def measure(lab: Lab, hall: Hall) -> list[Figure]:
    return [*_slow_viewer(lab, hall), *_fifty(lab, hall), _interrupt(lab, hall)]


# -- twenty viewers, one of them slow -------------------------------------------------


def _slow_viewer(lab: Lab, hall: Hall) -> list[Figure]:
    """The same keys on the same session, once with nineteen quick viewers, once with a slow one besides, in turn."""
    # Each key is answered by a kilobyte, so that whoever reads 10 KB/s falls behind.
    program = "stty raw -echo; exec " + sys.executable + " -c '" + _ANSWER + "'"
    session = hall.start(["sh", "-c", program])
    rounds: list[Round] = []
    with ExitStack() as stack:
        quick = [hall.watch(session) for _ in range(VIEWERS - 1)]
        for viewer in quick:
            stack.callback(viewer.close)
            viewer.open()
        for _ in range(lab.rounds):
            without = _answers(quick, lab.pick(KEYS, 50))
            with hall.drained(session, SLOW):
                rounds.append(Round(_answers(quick, lab.pick(KEYS, 50)), without))
    hall.kill(session)
    worse = sorted(one.value / one.floor for one in rounds)[len(rounds) // 2]
    aim = f"within 10 %: {'met' if worse <= 1.1 else 'NOT met'}"
    name = f"a key's kilobyte at each of {VIEWERS - 1} viewers, a slow one beside, p95"
    return [figure("terminals", name, "µs", rounds, "µs without it", aim)]


_ANSWER = 'import os\nwhile os.read(0, 1): os.write(1, b"x" * 1023 + b"!")'


def _answers(quick: list[Viewer], count: int) -> float:
    """Return p95, in microseconds, of the times from a key to its answer at each of the viewers."""
    found: list[float] = []
    for _ in range(count):
        begin = time.perf_counter()
        quick[0].type(b"k")
        for viewer in quick:
            while not viewer.read().endswith(b"!"):
                pass
            found.append(time.perf_counter() - begin)
        time.sleep(0.005)
    return percentile(found, 0.95) * 1e6


# -- fifty sessions ---------------------------------------------------------------------


def _fifty(lab: Lab, hall: Hall) -> list[Figure]:
    sessions = [hall.start(ECHO) for _ in range(SESSIONS)]
    viewers = [hall.watch(session) for session in sessions]
    for viewer in viewers:
        viewer.open()
    rounds: list[Round] = []
    stalls: dict[str, list[Round]] = {"hub": [], "daemon": []}
    for _ in range(lab.rounds):
        alone = [one for _ in range(20) for one in _together(viewers[:1])]
        since = time.monotonic()
        all_of_them = [one for _ in range(lab.pick(20, 5)) for one in _together(viewers)]
        time.sleep(0.1)
        rounds.append(Round(percentile(all_of_them, 0.95) * 1e6, percentile(alone, 0.95) * 1e6))
        for process, found in stalls.items():
            found.append(Round(max(hall.stall(process, since), 0.001) * 1e3, 10.0))
    for viewer, session in zip(viewers, sessions, strict=True):
        viewer.close()
        hall.kill(session)
    return [
        figure("terminals", f"{SESSIONS} sessions get a key at once, echo p95", "µs", rounds, "µs one alone"),
        *(
            figure("terminals", f"the loop of the {process} meanwhile away, at most", "ms", found, "ms its heartbeat")
            for process, found in stalls.items()
        ),
    ]


def _together(viewers: list[Viewer]) -> list[float]:
    """A key to each, then their echoes in the order in which they come."""
    with selectors.DefaultSelector() as selector:
        begin: dict[Viewer, float] = {}
        for viewer in viewers:
            selector.register(viewer.fileno(), selectors.EVENT_READ, viewer)
            begin[viewer] = time.perf_counter()
            viewer.type(b"x")
        found: list[float] = []
        while len(found) < len(viewers):
            for key, _ in selector.select(30):
                if b"x" in key.data.read():
                    found.append(time.perf_counter() - begin[key.data])
                    selector.unregister(key.fd)
    time.sleep(0.005)
    return found


# -- Ctrl-C -------------------------------------------------------------------------------


def _interrupt(lab: Lab, hall: Hall) -> Figure:
    """A shell floods a viewer that has stopped reading; it comes back, and says Ctrl-C. Until the prompt is there."""
    rounds: list[Round] = []
    for _ in range(lab.rounds):
        session = hall.start(["sh", "-c", "PS1='pro''mpt> ' exec sh -i"])
        viewer = hall.watch(session)
        viewer.open()
        rounds.append(Round(_until_prompt(viewer, CTRL_C), 1.0))
        quiet = _until_prompt(viewer, b"\r")
        viewer.type(f"{BUSY}\r".encode())
        time.sleep(3.0)  # it does not read: its windows fill, and it is let go
        rounds[-1] = Round(_until_prompt(viewer, CTRL_C), quiet)
        viewer.close()
        hall.kill(session)
    middle = sorted(one.value for one in rounds)[len(rounds) // 2]
    aim = f"≤ {MOST_MS} ms: {'met' if middle <= MOST_MS else 'NOT met'}"
    return figure("terminals", "Ctrl-C in a flood that nobody took → prompt", "ms", rounds, "ms at rest", aim)


def _until_prompt(viewer: Viewer, key: bytes) -> float:
    begin = time.perf_counter()
    viewer.type(key)
    seen = b""
    while b"prompt>" not in seen:
        seen = seen[-16:] + viewer.shown()
    return (time.perf_counter() - begin) * 1e3
