"""`python -m bench.drain PORT TOKEN SESSION`: watch a session as fast as it goes, until told to stop."""

import sys

from bench.viewer import Viewer


def main() -> None:
    port, token, session = sys.argv[1:]
    viewer = Viewer(int(port), token, session)
    while True:
        viewer.read()


if __name__ == "__main__":
    main()
