"""Who is let in of those whom the provider knows, and as what.

An account is known by its subject at the provider, never by a mail address: an address leads to an invitation
only, and only if the provider has verified it.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from djsite.desk import audit
from djsite.desk.people import by_provider
from djsite.desk.people.listing import Role
from djsite.sso.models import Identity
from djsite.sso.provider import Found

_GREATEST_FIRST = (Role.ADMINISTRATOR, Role.OPERATOR, Role.VIEWER)


class Refused(Exception):
    """Somebody is not let in; a sentence for people."""


def sign_in(found: Found) -> User:
    """The account of somebody, made or changed as the settings say. Raises Refused."""
    try:
        with transaction.atomic():
            identity = Identity.objects.filter(issuer=settings.OIDC_ISSUER, subject=found.subject).first()
            if identity is None:
                return _come(found)
    except IntegrityError:
        raise Refused("You are signing in twice at once. Try again.") from None
    return _come_again(identity, found)


def role_by_group(found: Found) -> Role | None:
    """The greatest role that the groups of somebody give."""
    given = {Role(role) for group, role in settings.OIDC_ROLES if group in found.groups}
    return next((role for role in _GREATEST_FIRST if role in given), None)


@transaction.atomic
def connect(person: User, found: Found) -> None:
    """Let somebody who is logged in sign in by the provider from now on. Raises Refused."""
    try:
        with transaction.atomic():
            Identity.objects.create(person=person, issuer=settings.OIDC_ISSUER, subject=found.subject)
    except IntegrityError:
        raise Refused(f"This account of {settings.OIDC_NAME}, or yours here, is connected already.") from None
    audit.note(person, [person], f"Connected with {settings.OIDC_NAME}")


@transaction.atomic
def disconnect(person: User) -> None:
    """Undo :func:`connect`. Raises Refused if there would be no other way in."""
    if not person.has_usable_password():
        raise Refused(f"You have no password here: without {settings.OIDC_NAME} you could not log in.")
    if Identity.objects.filter(person=person, issuer=settings.OIDC_ISSUER).delete()[0]:
        audit.note(person, [person], f"Disconnected from {settings.OIDC_NAME}")


def _come(found: Found) -> User:
    """Somebody's first time. Raises Refused."""
    name, role = settings.OIDC_NAME, role_by_group(found)
    person = by_provider.invited_at(found.mail) if found.mail else None
    if person is not None:
        by_provider.join(person, found.name, name)
        if role is not None:
            by_provider.follow(person, role, name)
    elif found.mail and by_provider.has_account(found.mail):
        raise Refused(
            "There is an account with your mail address. Log in with its password, and connect it with "
            f"{name} on your page."
        )
    elif welcome := role or (Role(settings.OIDC_JOIN) if settings.OIDC_JOIN else None):
        person = by_provider.add(found.name, found.mail, welcome, name)
    else:
        raise Refused(_why_not(found))
    Identity.objects.create(
        person=person, issuer=settings.OIDC_ISSUER, subject=found.subject, by_group=role is not None
    )
    return person


def _why_not(found: Found) -> str:
    if found.unverified:
        return (
            f"{settings.OIDC_NAME} has not verified your mail address, so no invitation can be yours. "
            "Have it verified there, or ask an administrator here for the link of an invitation."
        )
    return "Nobody has invited you. Ask an administrator for an invitation to your mail address."


def _come_again(identity: Identity, found: Found) -> User:
    person, role = identity.person, role_by_group(found)
    if not person.is_active:
        raise Refused("Your account here is deactivated. Ask an administrator.")
    if role is not None:
        by_provider.follow(person, role, settings.OIDC_NAME)
        if not identity.by_group:
            Identity.objects.filter(pk=identity.pk).update(by_group=True)
    elif identity.by_group and settings.OIDC_ROLES:
        by_provider.follow(person, Role.NONE, settings.OIDC_NAME)
        raise Refused(f"You are no longer in a group of {settings.OIDC_NAME} that may sign in here.")
    return person
