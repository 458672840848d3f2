"""People of the site: users with a role, and clients that are logged in."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, User
from django.test import Client

_numbers = count(1)


def make_user(
    name: str = "vera", role: str | None = "viewer", *, password: str | None = None, **values: Any
) -> User:
    """Somebody with a role (a group made by the migrations). Hashing takes long, so few have a password."""
    user = get_user_model().objects.create_user(name, password=password, **values)
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


def log_in(client: Client, role: str | None = "viewer", **values: Any) -> User:
    """Log somebody of this role in and return them."""
    user = make_user(f"{role or 'nobody'}-{next(_numbers)}", role, **values)
    client.force_login(user)
    return user
