"""What an empty installation gets: someone who can sign in, and a search that is already running."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.models import User

from engine.config import ChildConfig, ControllerConfig, PrimitivesConfig, SearchConfig
from engine.registry.primitive_sets import PRIMITIVE_SETS
from engine.registry.protocols import protocol
from searchapp import services
from searchapp.models import Search

ADMIN = "admin"
FIRST_BUDGET = 200  # candidates; about two minutes on two cores, long enough to see the mean reward rise


def password_file(var_dir: Path) -> Path:
    return var_dir / "admin_password"


def ensure_admin(var_dir: Path) -> None:
    """On the first run: make the user `admin` with a random password, kept in a file that only its owner reads."""
    if User.objects.exists():
        return
    password = secrets.token_urlsafe(12)
    path = password_file(var_dir)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(password + "\n")
    User.objects.create_superuser(ADMIN, password=password)


@dataclass(frozen=True, slots=True)
class SignIn:
    """The kept password of `admin`, or None when it was changed since."""

    password: str | None
    path: Path

    @classmethod
    def of(cls, var_dir: Path) -> "SignIn":
        path = password_file(var_dir)
        kept = path.read_text().strip() if path.exists() else ""
        admin = User.objects.filter(username=ADMIN, is_active=True).first()
        return cls(kept if kept and admin and admin.check_password(kept) else None, path)

    @property
    def sentence(self) -> str:
        if self.password is None:
            return "sign in with your own account"
        return f"sign in as {ADMIN} with password {self.password}  (kept in {_short(self.path)})"


def _short(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def ensure_search() -> None:
    """On the first run: create and start a search on digits, so that there is something to watch."""
    owner = User.objects.filter(is_superuser=True).order_by("pk").first()
    if owner is None or Search.objects.exists():
        return
    services.create_search(owner=owner, name="First search", config=first_config())


def first_config() -> SearchConfig:
    signs = PRIMITIVE_SETS["signs"]
    return SearchConfig(
        primitives=PrimitivesConfig(operands=signs.operands, unary=signs.unary, binary=signs.binary),
        child=ChildConfig(dataset="digits", network="convnet", protocol=protocol("quick")),
        controller=ControllerConfig(name="ppo"),
        budget=FIRST_BUDGET,
    )
