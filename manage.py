#!/usr/bin/env python
"""The command line of the application: `python manage.py up` starts everything."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nosweb.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
