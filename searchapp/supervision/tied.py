"""Run a command that ends when its parent does; this file is also the script that does it.

On Linux the kernel sends SIGTERM to the command when its parent process is gone, however that ended, so that a killed
`up` leaves nothing that holds the port or the socket. Elsewhere the command runs as it is, and the next `up` ends
what is left (leftovers.py). The parent must start this from its main thread: the signal comes when that thread ends.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def tied(command: list[str]) -> list[str]:
    """The command line that runs `command` so; it needs only the standard library, in any folder."""
    return [sys.executable, "-I", __file__, *command]


def main(command: list[str]) -> None:
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() == parent:  # else it ended before the kernel knew of our wish
        os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
