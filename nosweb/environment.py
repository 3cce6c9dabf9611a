"""Environment variables, read so that a wrong one is named in a sentence."""

import warnings
from contextlib import suppress
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured


class Environment(environ.Env):
    """django-environ's reader; what it cannot read raises ImproperlyConfigured with the variable's name."""

    def port(self, name: str, default: int) -> int:
        text = self.str(name, default=str(default))
        if not text.isdecimal() or not 1 <= int(text) <= 65535:
            raise ImproperlyConfigured(f"{name} is “{text}”; it must be a number from 1 to 65535.")
        return int(text)

    def days(self, name: str) -> int:
        """A whole number of days; 0 when nothing is said."""
        text = self.str(name, default="") or "0"
        if not text.isdecimal() or int(text) > 36_500:
            raise ImproperlyConfigured(f"{name} is “{text}”; it must be a whole number of days, 0 to 36500.")
        return int(text)

    def seconds(self, name: str, default: int) -> int:
        text = self.str(name, default=str(default))
        if not text.isdecimal() or int(text) < 1:
            raise ImproperlyConfigured(f"{name} is “{text}”; it must be a whole number of seconds, 1 or more.")
        return int(text)

    def switch(self, name: str, default: bool = False) -> bool:
        text = self.str(name, default=str(default)).strip().lower()
        if text not in {"true", "1", "yes", "on", "false", "0", "no", "off", ""}:
            raise ImproperlyConfigured(f"{name} is “{text}”; it must be true or false.")
        return text in {"true", "1", "yes", "on"}

    def token(self, name: str, least: int) -> str:
        """A secret of at least so many characters; empty when there is none."""
        text = self.str(name, default="")
        if text and len(text) < least:
            raise ImproperlyConfigured(
                f"{name} is too short; it must have {least} characters or more, chosen at random."
            )
        return text

    def choice(self, name: str, among: tuple[str, ...]) -> str:
        """One of these words; the first when nothing is said."""
        text = self.str(name, default="").strip().lower() or among[0]
        if text not in among:
            raise ImproperlyConfigured(f"{name} is “{text}”; it must be {' or '.join(among)}.")
        return text

    def database(self, name: str, default: dict[str, Any]) -> dict[str, Any]:
        """Django's settings of the database that a URL names."""
        if not self.str(name, default=""):
            return default
        found: dict[str, Any] = {}
        # What is wrong is said below, without the text itself: it may hold a password.
        with suppress(ValueError, KeyError, ImproperlyConfigured), warnings.catch_warnings(action="ignore"):
            found = dict(self.db_url(name))
        if found.get("ENGINE") not in {"django.db.backends.sqlite3", "django.db.backends.postgresql"}:
            raise ImproperlyConfigured(
                f"{name} cannot be used; it must look like postgres://user:password@host:5432/name"
                " or sqlite:////folder/file."
            )
        return found

    def redis_url(self, name: str) -> str:
        """The address in `name`; empty when there is none."""
        url = self.str(name, default="")
        if url and not url.startswith(("redis://", "rediss://", "unix://")):
            raise ImproperlyConfigured(f"{name} must look like redis://host:6379/0, rediss://… or unix:///path.")
        return url
