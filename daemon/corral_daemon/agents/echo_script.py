"""The little language that the echo agent follows. Pure.

A line of the prompt that begins with one of these words is a directive; every other line is only text:

    @say TEXT               print TEXT
    @write PATH <<END       write the lines up to END to PATH, relative to the working directory
    @sleep SECONDS
    @input KEY              print what an upstream task promised under KEY; fail if there is nothing
    @contract KEY JSON      promise JSON under KEY
    @result JSON            the result, an object; contracts are added to it
    @raw TEXT               write TEXT to $CORRAL_RESULT as it is
    @help QUESTION          ask a person through the hub, then exit with 0; in a terminal, wait for the answer
    @complete RESULT        complete the task through the hub, with JSON or text
    @fail TEXT              print TEXT to stderr and exit with 1
    @exit CODE              exit with CODE
    @spawn N                leave N processes behind: children, grandchildren, some in sessions of their own, some
                            deaf to TERM
    @on-feedback            the lines up to @otherwise or @end apply only in a round with feedback
    @otherwise              the lines up to @end apply only in a round without
    @end
"""

from collections.abc import Iterator
from dataclasses import dataclass

WORDS = frozenset(
    {"say", "write", "sleep", "input", "contract", "result", "raw", "help", "complete", "fail", "exit", "spawn"}
)  # fmt: skip
_BLOCKS = {"on-feedback": True, "otherwise": False, "end": None}


@dataclass(frozen=True, slots=True)
class Step:
    """`body` holds the lines of a here-document."""

    word: str
    rest: str = ""
    body: str = ""

    def __str__(self) -> str:
        return f"{self.word} {self.rest}".strip()


def parse(prompt: str, *, has_feedback: bool) -> list[Step]:
    """Return the steps that apply in this round."""
    steps: list[Step] = []
    lines = iter(prompt.splitlines())
    only: bool | None = None
    for line in lines:
        word, _, rest = line[1:].partition(" ") if line.startswith("@") else ("", "", "")
        if word in _BLOCKS:
            only = _BLOCKS[word]
        elif word in WORDS:
            step = _step(word, rest.strip(), lines)
            if only is None or only is has_feedback:
                steps.append(step)
    return steps


def _step(word: str, rest: str, lines: Iterator[str]) -> Step:
    path, marker, end = rest.rpartition(" <<")
    if word != "write" or not marker:
        return Step(word, rest)
    body: list[str] = []
    for line in lines:
        if line == end.strip():
            break
        body.append(line)
    return Step(word, path.strip(), "".join(f"{line}\n" for line in body))
