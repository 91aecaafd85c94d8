"""`python -m bench.drain PORT TOKEN SESSION RATE`: watch a session, at RATE bytes a second (0: as fast as it goes)."""

import sys
import time

from bench.viewer import Viewer


def main() -> None:
    port, token, session, rate = sys.argv[1:]
    viewer = Viewer(int(port), token, session)
    while True:
        size = len(viewer.read())
        if int(rate):
            time.sleep(size / int(rate))


if __name__ == "__main__":
    main()
