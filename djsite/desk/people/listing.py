"""People with their roles, as lists show them."""

from __future__ import annotations

import enum

from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet

from djsite.desk.words import StateWords

INVITED = "invited-"
"""How the user name begins of somebody who has not chosen one yet."""


class Role(enum.StrEnum):
    """What somebody may do; a viewer and an operator are in the group of that name."""

    NONE = "none"
    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"


WORDS = {
    Role.VIEWER: "looks, downloads, has alerts",
    Role.OPERATOR: "looks, and changes seeds and runs",
    Role.ADMINISTRATOR: "everything, people too",
}
"""The roles that can be given, in words."""


def people() -> QuerySet[User]:
    """All accounts by name, each with the number of its tokens in force (``tokens_in_force``)."""
    in_force = Count("tokens", filter=Q(tokens__revoked_at=None), distinct=True)
    return User.objects.annotate(tokens_in_force=in_force).prefetch_related("groups").order_by("username")


def role_of(person: User) -> Role:
    """The greatest role that somebody has."""
    if person.is_superuser:
        return Role.ADMINISTRATOR
    names = {group.name for group in person.groups.all()}
    return next((role for role in (Role.OPERATOR, Role.VIEWER) if role in names), Role.NONE)


def is_invited(person: User) -> bool:
    """Whether somebody was invited and has not come yet."""
    return not person.is_active and person.username.startswith(INVITED) and not person.has_usable_password()


def state_of(person: User) -> StateWords:
    """Whether an account is in use, in words."""
    if is_invited(person):
        return StateWords("invited", "run", "A link is good for one day.")
    if not person.is_active:
        return StateWords("deactivated", "idle", "It cannot log in, and its tokens are revoked.")
    return StateWords("active", "good")
