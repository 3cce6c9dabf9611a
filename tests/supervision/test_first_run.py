"""Who can sign in to an empty installation, and what is said about it later."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User

from searchapp.models import Search
from searchapp.supervision.first_run import SignIn, ensure_admin, ensure_search, password_file

pytestmark = pytest.mark.django_db


def test_the_kept_password_is_the_one_that_signs_in(tmp_path: Path) -> None:
    ensure_admin(tmp_path)
    password = password_file(tmp_path).read_text().strip()
    assert User.objects.get(username="admin").check_password(password)
    assert SignIn.of(tmp_path).sentence.startswith(f"sign in as admin with password {password} ")


def test_once_the_password_was_changed_the_old_one_is_not_shown(tmp_path: Path) -> None:
    ensure_admin(tmp_path)
    admin = User.objects.get(username="admin")
    admin.set_password("another one")
    admin.save()
    assert SignIn.of(tmp_path).sentence == "sign in with your own account"


def test_a_lost_password_file_is_no_error(tmp_path: Path) -> None:
    ensure_admin(tmp_path)
    password_file(tmp_path).unlink()
    assert SignIn.of(tmp_path).sentence == "sign in with your own account"


def test_people_who_are_there_already_are_left_alone(tmp_path: Path) -> None:
    User.objects.create_user("somebody")
    ensure_admin(tmp_path)
    assert not User.objects.filter(username="admin").exists()
    assert not password_file(tmp_path).exists()


def test_there_is_one_first_search_however_often_it_starts(tmp_path: Path) -> None:
    ensure_admin(tmp_path)
    ensure_search()
    ensure_search()
    search = Search.objects.get()
    assert (search.name, search.owner.username) == ("First search", "admin")


def test_without_an_administrator_there_is_no_first_search() -> None:
    User.objects.create_user("somebody")
    ensure_search()
    assert not Search.objects.exists()
