"""Run a command that ends when its parent does: `python -m searchapp.supervision.tied COMMAND ARGUMENT...`

On Linux the kernel sends SIGTERM to the command when its parent process is gone, however that ended, so that a killed
`up` leaves nothing that holds the port or the socket. Elsewhere the command runs as it is, and the next `up` ends
what is left (leftovers.py). The parent must start this from its main thread: the signal comes when that thread ends.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(command: list[str]) -> None:
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() == parent:  # else it ended before the kernel knew of our wish
        os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
