#!/usr/bin/env python
"""The command line of the application: `python manage.py up` starts everything."""

import os
import signal
import sys
from types import TracebackType


def _report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Ctrl-C is no mistake of the program: nothing is printed for it, not even while libraries are being imported."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _report
if sys.argv[1:2] == ["up"]:
    # Until `up` has a handler of its own, Ctrl-C ends the process at once: Python's KeyboardInterrupt is lost when it
    # comes while a destructor runs, which is often so during imports.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from django.core.exceptions import ImproperlyConfigured  # noqa: E402
from django.core.management import execute_from_command_line  # noqa: E402


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nosweb.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
