"""Inside the walls, before the code: the number of processes can only be limited here, in the user namespace.

A script of its own. argv: how many processes, and the program to become.
"""

import os
import resource
import sys

if __name__ == "__main__":
    most = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - that is what it is for
