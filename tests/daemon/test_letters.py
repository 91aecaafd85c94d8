"""What an agent in a terminal is told: harmless, framed, and pasted only when that is sure."""

import re

from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.ports import Readiness
from corral_daemon.units import letters
from corral_daemon.units.letters import Fate
from corral_protocol.to_daemon import (
    InterventionResponse,
    PlanApproved,
    PlanRevision,
    TaskNote,
    TaskStatusUpdate,
    TaskUpdated,
)

HOSTILE = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from(
            ["\x1b[201~", "\x1b]52;c;aGk=\x07", "\x9b201~", "\r", "\r\n", "\n", "\x03", "\x7f", "\u2028", "/exit",
             "!rm",             "\x1bP", "\t", "#", "\ud800", "\x85", "hello"]
        )
    ).map("".join),
)  # fmt: skip


def note(content: str, author: str = "ada") -> TaskNote:
    return TaskNote(task_id="t", content=content, urgent=False, author=author)


def messages(text: str) -> list[letters.Delivery]:
    return [
        note(text, text),
        InterventionResponse(intervention_id="i", task_id="t", response=text),
        TaskUpdated(task_id="t", title=text, spec=text),
        PlanApproved(task_id="t"),
        PlanRevision(task_id="t", feedback=text),
        TaskStatusUpdate(task_id="t", title=text, status="running", status_label=text, summary=text),
    ]


@given(HOSTILE)
def test_a_paste_is_one_paste_whatever_is_in_it(text: str) -> None:
    data = letters.pasted(text)
    assert data.startswith(b"\x1b[200~")
    assert data.endswith(b"\x1b[201~")
    inside = data[6:-6].decode()
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", inside)


@given(HOSTILE)
def test_what_people_say_is_quoted_line_by_line_and_is_no_command(text: str) -> None:
    for message in messages(text):
        lines = letters.clean(letters.wording(message)).split("\n")
        assert lines[0].startswith("Corral: ")
        ours = [line for line in lines[1:] if line and not line.startswith("> ")]
        assert not [line for line in ours if line[0] in "/!#@\\"]


@given(HOSTILE)
def test_cleaning_twice_is_cleaning_once_and_keeps_plain_text(text: str) -> None:
    assert letters.clean(letters.clean(text)) == letters.clean(text)
    plain = "".join(char for char in text if char.isprintable())
    assert letters.clean(plain) == plain


def test_what_is_long_is_cut_and_says_where_the_rest_is() -> None:
    told = letters.wording(note("x" * 1_000_000))
    assert len(told) < 20_000
    assert told.endswith("(the rest: corral task check)")


def test_an_agent_is_not_told_what_it_said_itself() -> None:
    assert letters.is_own(note("done", "task:t"))
    assert not letters.is_own(note("done", "task:u"))
    assert not letters.is_own(PlanApproved(task_id="t"))


READINESS = st.none() | st.builds(Readiness, ready=st.booleans(), why=st.just("so"), pastes=st.booleans())


@given(there=st.booleans(), attentive=st.booleans(), tried=st.booleans(), readiness=READINESS)
def test_pasted_only_when_everything_speaks_for_it(
    there: bool, attentive: bool, tried: bool, readiness: Readiness | None
) -> None:
    fate = letters.fate(there=there, attentive=attentive, tried=tried, readiness=readiness)
    sure = readiness is not None and readiness.ready and readiness.pastes
    assert (fate is Fate.PASTE) == (there and attentive and not tried and sure)
    assert (fate is Fate.INBOX) == (tried or not there or not attentive)
