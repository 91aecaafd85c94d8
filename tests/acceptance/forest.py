"""Grow a tree of processes: children, grandchildren, double forks, own sessions, some deaf to TERM."""

import os
import signal
import sys
import time


def linger(*, deaf: bool) -> None:
    if deaf:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)
    os._exit(0)


def grow(number: int) -> None:
    if os.fork():
        return
    if number % 3 == 0:
        os.setsid()
    if number % 2 == 0 and os.fork():  # the middle one leaves: its child is an orphan
        os._exit(0)
    linger(deaf=number % 5 == 0)


for index in range(int(sys.argv[1])):
    grow(index)
linger(deaf=False)
