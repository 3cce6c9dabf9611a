"""The key that signs sessions: made once for an installation and kept in its var folder."""

import os
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

LEAST, LEAST_DIFFERENT = 50, 5  # characters; what `check --deploy` asks for
WEAK = (
    f"SECRET_KEY is too short or too simple: it must be {LEAST} characters or more, chosen at random, as"
    " `python -c 'import secrets; print(secrets.token_urlsafe(50))'` prints them."
    " Without SECRET_KEY the application makes one of its own and keeps it in VAR_DIR."
)
ADVICE = "Make it writable, free some space, or name another folder with VAR_DIR=/some/folder."


def check(key: str) -> str:
    """The key that somebody gave, when nobody can guess it. Raises ImproperlyConfigured, without the key in it."""
    if len(key) < LEAST or len(set(key)) < LEAST_DIFFERENT or key.startswith("django-insecure-"):
        raise ImproperlyConfigured(WEAK)
    return key


def read_or_create(path: Path) -> str:
    """The key kept in `path`; a new one, readable by its owner only, when there is none.

    Several processes may start at once: each writes its own file and links it into place, which succeeds for
    exactly one of them, so that all read the same key and none reads a half-written one. Raises
    ImproperlyConfigured with a sentence when the folder cannot be written.
    """
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _link_new_key(path)
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"The folder {path.parent} cannot be used: {error.strerror}. {ADVICE}") from None


def _link_new_key(path: Path) -> None:
    handle, own = tempfile.mkstemp(dir=path.parent, prefix=".secret_key-")  # mkstemp gives mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(get_random_secret_key())
        os.link(own, path)
    except FileExistsError:
        pass  # another process was first; its key counts
    finally:
        Path(own).unlink()
