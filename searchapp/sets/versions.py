"""Writes of primitive sets. Saving makes a new version; nothing that was saved is ever changed, only set aside.

A built-in set cannot be written. Tokens are checked by the engine: what is wrong raises pydantic.ValidationError.
"""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max

from engine.config import PrimitivesConfig
from searchapp.models import PrimitiveSet, PrimitiveSetVersion
from searchapp.names import checked_name


class SetNameTaken(ValueError):
    """Another set of the same person has this name; the message is for people."""

    def __init__(self, name: str) -> None:
        super().__init__(f"You already have a set called “{name}”; choose another name.")


@transaction.atomic
def create_set(*, owner: User, name: str, tokens: PrimitivesConfig) -> PrimitiveSet:
    """A new set with its version 1. Raises BadName, SetNameTaken."""
    name = _free_name(owner, name)
    made = PrimitiveSet.objects.create(owner=owner, name=name, **_lists(tokens))
    _add_version(made, tokens, "")
    return made


@transaction.atomic
def save_version(*, primitive_set: PrimitiveSet, tokens: PrimitivesConfig, note: str = "") -> int | None:
    """Make these tokens what the set is now; the number of the version, or None when nothing changed."""
    locked = _own(primitive_set)
    if all(list(getattr(tokens, kind)) == getattr(locked, kind) for kind in _lists(tokens)):
        return None
    for kind, texts in _lists(tokens).items():
        setattr(locked, kind, texts)
    locked.save(update_fields=["operands", "unary", "binary"])
    return _add_version(locked, tokens, note)


@transaction.atomic
def save_by_name(*, owner: User, name: str, tokens: PrimitivesConfig) -> PrimitiveSet:
    """The form of a new search saves under a name: a new set, or a new version of the one of that name."""
    name = checked_name(name)
    found = PrimitiveSet.objects.filter(owner=owner, name=name).first()
    if found is None:
        return create_set(owner=owner, name=name, tokens=tokens)
    save_version(primitive_set=found, tokens=tokens)
    found.refresh_from_db()
    return found


def restore_version(*, primitive_set: PrimitiveSet, version: PrimitiveSetVersion) -> int | None:
    """An old version becomes the newest one again, under a number of its own; None where it is what the set is now."""
    tokens = PrimitivesConfig(operands=version.operands, unary=version.unary, binary=version.binary)
    return save_version(primitive_set=primitive_set, tokens=tokens, note=f"version {version.number} again")


@transaction.atomic
def rename_set(*, primitive_set: PrimitiveSet, name: str) -> PrimitiveSet:
    """Raises BadName, SetNameTaken."""
    locked = _own(primitive_set)
    assert locked.owner is not None
    locked.name = _free_name(locked.owner, name, besides=locked.pk)
    locked.save(update_fields=["name"])
    return locked


def delete_set(*, primitive_set: PrimitiveSet) -> None:
    """Delete a set with all its versions; searches keep the tokens that they copied."""
    assert primitive_set.owner_id is not None, "built-in sets stay"
    primitive_set.delete()


def _own(primitive_set: PrimitiveSet) -> PrimitiveSet:
    assert primitive_set.owner_id is not None, "built-in sets stay as they are"
    return PrimitiveSet.objects.select_for_update().get(pk=primitive_set.pk)


def _free_name(owner: User, name: str, besides: int | None = None) -> str:
    name = checked_name(name)
    others = PrimitiveSet.objects.filter(owner=owner, name=name)
    if besides is not None:
        others = others.exclude(pk=besides)
    if others.exists():
        raise SetNameTaken(name)
    return name


def _lists(tokens: PrimitivesConfig) -> dict[str, list[str]]:
    return {kind: list(getattr(tokens, kind)) for kind in ("operands", "unary", "binary")}


def _add_version(row: PrimitiveSet, tokens: PrimitivesConfig, note: str) -> int:
    last: int = row.versions.aggregate(last=Max("number"))["last"] or 0
    PrimitiveSetVersion.objects.create(primitive_set=row, number=last + 1, note=note, **_lists(tokens))
    return last + 1
