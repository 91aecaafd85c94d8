"""What to send next: property tests of the pure window against rings and consumers that behave as they like."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.pty import window
from corral_daemon.pty.window import FRAME, PATIENCE, Resync, Send, Wait

WINDOW = 4 * FRAME
CAPACITY = 16 * FRAME


@dataclass
class Model:
    """A program, a ring that keeps what it is told to, and a consumer. `taken` are the pieces it was sent."""

    head: int = 0
    now: float = 0.0
    state: window.State = field(default_factory=lambda: window.begin(0, 0, 0.0))
    position: int = 0
    blocked_since: float | None = None

    @property
    def tail(self) -> int:
        return max(0, self.head - CAPACITY)

    def write(self, wanted: int) -> None:
        floor = self.state.floor
        room = wanted if floor is None else min(wanted, floor + CAPACITY - self.head)
        if room < wanted and self.blocked_since is None:
            self.blocked_since = self.now
        if room == wanted:
            self.blocked_since = None
        if room > 0:
            self.head += room
            self.state = window.moved(self.state, self.now)

    def send(self) -> None:
        move = window.step(self.state, self.head, self.tail, WINDOW)
        if isinstance(move, Send):
            assert move.start == self.position, "a gap, or something twice"
            assert self.tail <= move.start < move.end <= self.head
            assert move.end - move.start <= FRAME
            self.state = window.sent(self.state, move.end, self.head, self.now)
            self.position = move.end
            assert self.position - self.state.acked <= WINDOW
        elif isinstance(move, Resync):
            assert self.state.offset < self.tail
            self.state = window.begin(self.head, self.head, self.now)
            self.position = self.head

    def acknowledge(self, behind: int) -> None:
        before = self.state
        self.state = window.acknowledged(before, self.position - behind, self.head, self.now)
        if self.state is not before:
            self.blocked_since = None

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.state = window.tick(self.state, self.now)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(1, 6 * FRAME)),
        st.tuples(st.just("send"), st.just(0)),
        st.tuples(st.just("acknowledge"), st.integers(0, 2 * WINDOW)),
        st.tuples(st.just("wait"), st.floats(0, 2 * PATIENCE)),
    ),
    max_size=80,
)


@given(steps)
def test_no_gap_no_double_never_more_than_a_window(course: list[tuple[str, float]]) -> None:
    model = Model()
    for name, argument in course:
        getattr(model, name)(*([] if name == "send" else [argument]))


@given(steps)
def test_a_consumer_without_progress_blocks_nobody_for_longer_than_patience(course: list[tuple[str, float]]) -> None:
    model = Model()
    for name, argument in course:
        if name != "acknowledge":
            getattr(model, name)(*([] if name == "send" else [argument]))
        if model.blocked_since is not None and model.now - model.blocked_since >= PATIENCE:
            before = model.head
            model.write(CAPACITY)
            assert model.head == before + CAPACITY


@given(steps)
def test_a_consumer_that_comes_back_gets_everything_or_a_snapshot(course: list[tuple[str, float]]) -> None:
    model = Model()
    for name, argument in course:
        getattr(model, name)(*([] if name == "send" else [argument]))
    for _ in range(3 * CAPACITY // FRAME):
        if model.state.owes:  # as lazy as is allowed
            model.acknowledge(0)
        model.send()
    assert model.position == model.head


def test_nothing_outstanding_is_no_reason_to_lose_patience() -> None:
    state = window.begin(5, 5, 0.0)
    assert window.due(state) is None
    assert window.tick(state, 1e9) == state
    state = window.moved(state, 1e9)
    assert window.due(state) == 1e9 + PATIENCE
    state = window.sent(state, 7, 7, 1e9)
    assert window.due(state) is None
    assert window.acknowledged(state, 99, 7, 1e9).acked == 7


def test_a_consumer_that_may_be_silent_is_neither_let_go_nor_waited_for() -> None:
    state = window.sent(window.moved(window.begin(0, 0, 0.0), 0.0), FRAME - 1, FRAME - 1, 0.0)
    assert window.tick(state, 1e9) == state
    assert window.step(state, 3 * CAPACITY, 2 * CAPACITY, WINDOW) == Resync()
    state = window.sent(window.moved(state, 1e9), FRAME, FRAME, 1e9)
    assert window.tick(state, 1e9 + PATIENCE).floor is None


def test_one_that_was_let_go_is_not_spoken_to_before_it_answers() -> None:
    state = window.sent(window.begin(0, WINDOW, 0.0), FRAME, WINDOW, 0.0)
    state = window.tick(state, PATIENCE)
    assert state.floor is None
    assert window.step(state, 3 * CAPACITY, 2 * CAPACITY, WINDOW) == Wait()
    state = window.acknowledged(state, FRAME, 3 * CAPACITY, PATIENCE)
    assert window.step(state, 3 * CAPACITY, 2 * CAPACITY, WINDOW) == Resync()
