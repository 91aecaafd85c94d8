"""`python agent_tui.py SECONDS PLAYED`: what an agent's interface would draw in so many seconds, the same each time.

Ten frames a second, each a synchronized update: a spinner and a status line drawn in place; now and then a line of
output that scrolls in its region, and after every few seconds of work a whole picture, as after a change of view.
All of it as fast as it goes; then the file PLAYED is made.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

COLS, ROWS = 80, 24
RATE = 10
PICTURE = 50
"""Frames from one whole picture to the next."""
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
WORDS = ["reading the file", "editing", "running the tests", "thinking about what to do next", "writing a summary"]


def frame(number: int) -> str:
    parts = ["\x1b[?2026h\x1b[?25l"]
    if number % PICTURE == 0:
        parts.append(_picture(number))
    if number % 4 == 0:
        said = f"\x1b[{31 + number // 4 % 6}m●\x1b[m step {number // 4}: {WORDS[number // 4 % len(WORDS)]}"
        parts.append(f"\x1b[1;{ROWS - 4}r\x1b[{ROWS - 4};1H\r\n{said}\x1b[K\x1b[r")
    spin = SPINNER[number % len(SPINNER)]
    parts.append(f"\x1b[{ROWS - 3};1H\x1b[35m{spin} {WORDS[number // 40 % len(WORDS)]}… {number // RATE} s\x1b[m\x1b[K")
    parts.append(f"\x1b[{ROWS};1H\x1b[7m {number * 37 % 100_000} tokens  {number % 100} % of context \x1b[m\x1b[K")
    parts.append(f"\x1b[{ROWS - 1};3H\x1b[?25h\x1b[?2026l")
    return "".join(parts)


def _picture(number: int) -> str:
    rows = [f"\x1b[{row};1H\x1b[2mline {number + row}\x1b[m {'lorem ipsum ' * 4}\x1b[K" for row in range(1, ROWS - 3)]
    box = [f"\x1b[{ROWS - 2};1H{'─' * COLS}\x1b[{ROWS - 1};1H> \x1b[K\x1b[{ROWS - 3};1H\x1b[K\x1b[{ROWS};1H\x1b[K"]
    return "".join([*rows, *box])


def frames(seconds: int) -> Iterator[bytes]:
    yield b"\x1b[?1049h\x1b[?2004h\x1b[H\x1b[2J"
    for number in range(seconds * RATE):
        yield frame(number).encode()


def main() -> None:
    for data in frames(int(sys.argv[1])):
        sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
    Path(sys.argv[2]).touch()
    time.sleep(600)


if __name__ == "__main__":
    main()
