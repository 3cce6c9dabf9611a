"""`python manage.py prune --events-older-than DAYS`: remove what nobody needs any more."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand

from searchapp import retention

MOST_DAYS = 36_500


def days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_DAYS:
        raise ArgumentTypeError(f"“{text}” must be a whole number of days, from 1 to {MOST_DAYS}.")
    return int(text)


class Command(BaseCommand):
    help = "Remove old events of searches that are over. Searches, rules, rewards and curves stay as they are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--events-older-than", type=days, required=True, metavar="DAYS")

    def handle(self, *args: Any, **options: Any) -> None:
        removed = retention.prune(timedelta(days=options["events_older_than"]))
        self.stdout.write(f"{removed} events removed.")
