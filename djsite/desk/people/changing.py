"""Inviting people, giving them roles, and taking leave of them; who did it stands in the history.

A link of an invitation is Django's token for a password that is set anew: it is signed, is over after
``PASSWORD_RESET_TIMEOUT``, and is nothing any more once it was used or another was made. It is kept nowhere.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from django.contrib.auth.models import Group, User
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import transaction
from django.utils.encoding import force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from catalog.models import Token
from djsite.desk import audit
from djsite.desk.people.listing import INVITED, Role, is_invited, role_of


class Refused(Exception):
    """Something that cannot be done to an account; a sentence for people."""


class _Invitations(PasswordResetTokenGenerator):
    key_salt = "djsite.desk.people.invitation"  # no other token of Django's opens an account


_invitations = _Invitations()


class Link:
    """The two parts of an invitation's address."""

    def __init__(self, person: User) -> None:
        self.number = urlsafe_base64_encode(str(person.pk).encode())
        self.token = _invitations.make_token(person)


@transaction.atomic
def invite(by: User, email: str, role: Role) -> User:
    """An account for somebody who chooses name and password by a link. Raises Refused."""
    _check_power(by, role)
    if email and User.objects.filter(email__iexact=email).exists():
        raise Refused(f"{email} has an account already.")
    person = User(username=f"{INVITED}{secrets.token_hex(4)}", email=email, is_active=False)
    person.set_unusable_password()
    person.save()
    put_into(person, role)
    audit.note(by, [person], f"Invited as {role}", added=True)
    return person


def link_anew(by: User, person: User) -> Link:
    """Another link for somebody who has not come yet; those before are nothing any more. Raises Refused."""
    if not is_invited(person):
        raise Refused("This account is in use already. A forgotten password is replaced under Admin, Users.")
    person.set_unusable_password()  # its random text is a part of what is signed
    person.save(update_fields=["password"])
    audit.note(by, [person], "Link of the invitation made")
    return Link(person)


def invited_by(number: str, token: str) -> User | None:
    """Whom a link invites; None if it is over, was used, or is none."""
    try:
        pk = int(force_str(urlsafe_base64_decode(number)))
    except (ValueError, OverflowError):
        return None
    person = User.objects.filter(pk=pk).first() if 0 < pk < 2**31 else None
    if person is None or not is_invited(person) or not _invitations.check_token(person, token):
        return None
    return person


@transaction.atomic
def join(person: User, name: str, password: str) -> None:
    """Make an invited account that of somebody with a name and a password."""
    person.username, person.is_active = name, True
    person.set_password(password)
    person.save()
    audit.note(person, [person], "Took the invitation")


@transaction.atomic
def give_role(by: User, person: User, role: Role) -> None:
    """Give somebody another role. Raises Refused."""
    before = role_of(person)
    _check_other(by, person)
    _check_power(by, role)
    put_into(person, role)
    audit.note(by, [person], f"Role: {before} → {role}")


@transaction.atomic
def deactivate(by: User, person: User, now: datetime) -> None:
    """End an account: no login, no token, at once; what it made stays. Raises Refused."""
    _check_other(by, person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    revoked = Token.objects.filter(owner=person, revoked_at=None).update(revoked_at=now)
    audit.note(by, [person], f"Deactivated; tokens revoked: {revoked}")


@transaction.atomic
def activate(by: User, person: User) -> None:
    """Let an account log in again; its tokens stay revoked. Raises Refused."""
    _check_other(by, person)
    if is_invited(person):
        raise Refused("It is invited: whoever has the link makes it active.")
    person.is_active = True
    person.save(update_fields=["is_active"])
    audit.note(by, [person], "Activated")


@transaction.atomic
def withdraw(by: User, person: User) -> None:
    """Take an invitation back. Raises Refused for an account that is in use."""
    if not is_invited(person):
        raise Refused("This account is in use: deactivate it instead.")
    audit.note(by, [person], "Invitation withdrawn")
    person.delete()


def put_into(person: User, role: Role) -> None:
    """Make this somebody's role, instead of the one before."""
    person.is_staff = person.is_superuser = role == Role.ADMINISTRATOR
    person.save(update_fields=["is_staff", "is_superuser"])
    person.groups.remove(*Group.objects.filter(name__in=(Role.VIEWER, Role.OPERATOR)))
    if role in (Role.VIEWER, Role.OPERATOR):
        person.groups.add(Group.objects.get(name=role))


def _check_other(by: User, person: User) -> None:
    if by.pk == person.pk:
        raise Refused("Nobody changes their own role or ends their own account: ask another administrator.")
    if person.is_superuser:
        _check_power(by, Role.ADMINISTRATOR)


def _check_power(by: User, role: Role) -> None:
    if role == Role.ADMINISTRATOR and not by.is_superuser:
        raise Refused("Only an administrator makes, changes or ends one.")
