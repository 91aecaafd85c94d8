"""`forest.py N`: become N processes: children, orphans, leaders of their own sessions, some deaf to TERM."""

import os
import signal
import sys
import time


def lurk() -> None:
    while True:
        time.sleep(3600)


def grow(number: int) -> None:
    if number % 2:
        os.setsid()
    if number % 3 == 0 and os.fork() > 0:
        os._exit(0)  # the grandchild is an orphan now
    if number % 4 == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    lurk()


for number in range(int(sys.argv[1]) - 1):
    if os.fork() == 0:
        grow(number)
lurk()
