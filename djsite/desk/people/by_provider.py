"""Accounts of people whom a provider knows: made, joined and given roles; the history says by whom."""

from __future__ import annotations

import re
from itertools import count

from django.contrib.auth.models import User
from django.db import transaction

from djsite.desk import audit
from djsite.desk.people.changing import put_into
from djsite.desk.people.listing import INVITED, Role, is_invited, role_of

_NO_NAME = re.compile(r"[^\w.@+-]")  # what Django's user names may not have
_LONGEST = 140  # of the 150 characters that a name may have


def invited_at(mail: str) -> User | None:
    """Who was invited at this address and has not come yet."""
    found = User.objects.filter(email__iexact=mail, is_active=False).order_by("pk")
    return next((person for person in found if is_invited(person)), None)


def has_account(mail: str) -> bool:
    """Whether there is an account with this address."""
    return User.objects.filter(email__iexact=mail).exists()


@transaction.atomic
def join(person: User, name: str, provider: str) -> None:
    """Make an invited account that of somebody who signs in without a password here."""
    person.username, person.is_active = free_name(name), True
    person.save(update_fields=["username", "is_active"])
    audit.note(person, [person], f"Took the invitation by {provider}")


@transaction.atomic
def add(name: str, mail: str, role: Role, provider: str) -> User:
    """An account for somebody whom nobody has invited, and whom the settings let in."""
    person = User(username=free_name(name), email=mail)
    person.set_unusable_password()
    person.save()
    put_into(person, role)
    audit.note(person, [person], f"Came by {provider} as {role}", added=True)
    return person


@transaction.atomic
def follow(person: User, role: Role, provider: str) -> None:
    """Give somebody the role that the provider's groups say. The last administrator stays one."""
    before = role_of(person)
    if before == role or (before == Role.ADMINISTRATOR and not _other_administrators(person)):
        return
    put_into(person, role)
    audit.note(person, [person], f"Role: {before} → {role}, by {provider}")


def free_name(wanted: str) -> str:
    """A user name like this one that nobody has."""
    name = _NO_NAME.sub("-", wanted)[:_LONGEST].strip("-") or "person"
    if name.casefold().startswith(INVITED):
        name = f"person-{name}"
    names = (name if number == 1 else f"{name}-{number}" for number in count(1))
    return next(each for each in names if not User.objects.filter(username__iexact=each).exists())


def _other_administrators(person: User) -> bool:
    return User.objects.filter(is_superuser=True, is_active=True).exclude(pk=person.pk).exists()
