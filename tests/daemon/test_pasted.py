"""What was pasted is on the disk before it is typed: a daemon that dies in the middle does not paste it again."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.pty.pasted import Record, tried

STEPS = st.lists(st.tuples(st.sampled_from(["begun", "done", "put-off"]), st.integers(0, 5)))


@given(STEPS)
def test_tried_is_what_was_begun_and_not_put_off_since(steps: list[tuple[str, int]]) -> None:
    last = {number: word for word, number in steps}
    expected = {number for number, word in last.items() if word != "put-off"}
    assert tried(f"{word} {number}" for word, number in steps) == expected


def test_the_next_daemon_reads_what_this_one_wrote(tmp_path: Path) -> None:
    record = Record.read(tmp_path / "s1")
    assert record.tried == set()
    record.begin((1, 2))
    assert Record.read(tmp_path / "s1").tried == {1, 2}
    record.put_off((2,))
    record.done((1,))
    assert Record.read(tmp_path / "s1").tried == record.tried == {1}


def test_a_line_that_was_cut_or_is_none_says_nothing() -> None:
    assert tried(["begun 1", "be", "", "begun x", "nonsense 3", "begun -4"]) == {1}
