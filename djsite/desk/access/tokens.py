"""Tokens: making, listing and revoking them, and whom a call with one stands for.

A token may do what its role says and its owner may do, whichever is less; never what is left to staff.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from catalog.models import Token
from djsite.desk import audit

MOST = 50  # tokens in force of one account
USED_EVERY = timedelta(minutes=1)  # how often the last use is written down
LOOK, DOWNLOAD, HAVE_ALERTS = "catalog.view_seed", "catalog.add_export", "catalog.add_alert"
CHANGE_SEEDS, START_RUNS, STEER_RUNS = "catalog.change_seed", "catalog.add_run", "catalog.change_run"
_LOOKING = frozenset({LOOK, DOWNLOAD, HAVE_ALERTS})
_ALERTS_OF_ALL = frozenset({"catalog.change_alert", "catalog.delete_alert"})
_CHANGING = frozenset({CHANGE_SEEDS, "catalog.add_seed", "catalog.delete_seed", START_RUNS, STEER_RUNS})
_GRANTED = {Token.Role.VIEWER: _LOOKING, Token.Role.OPERATOR: _LOOKING | _CHANGING | _ALERTS_OF_ALL}


class Refused(Exception):
    """A token is not made; the text says why and what to do."""


class NewToken(NamedTuple):
    """A token and its secret, which is shown once and kept nowhere."""

    token: Token
    secret: str


def roles_for(user: User) -> list[Token.Role]:
    """The roles that somebody may give a token: their own, and those below it."""
    if user.has_perm(CHANGE_SEEDS):
        return [Token.Role.VIEWER, Token.Role.OPERATOR]
    return [Token.Role.VIEWER] if user.has_perm(LOOK) else []


def make(user: User, name: str, role: str, expires_at: datetime | None) -> NewToken:
    """Make a token of this role for somebody.

    Raises:
        Refused: the role is above their own, or they have as many tokens as they may.
    """
    if role not in roles_for(user):
        raise Refused("A token can do no more than you: choose “may look”.")
    if tokens_of(user).filter(revoked_at=None).count() >= MOST:
        raise Refused(f"You have {MOST} tokens, which is the most. Revoke one that you no longer need.")
    secret = Token.new_secret()
    digest = Token.digest_of(secret)
    token = Token.objects.create(name=name, owner=user, role=role, digest=digest, expires_at=expires_at)
    audit.note(user, [user], f"Token “{name}” made: {token.get_role_display()}")
    return NewToken(token, secret)


def tokens_of(user: User) -> QuerySet[Token]:
    """Somebody's tokens, also those that are over."""
    return Token.objects.filter(owner=user.pk)


def revoke(user: User, token: Token, now: datetime) -> None:
    """End a token of somebody's own at once."""
    if tokens_of(user).filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        audit.note(user, [user], f"Token “{token.name}” revoked")


def token_of(secret: str, now: datetime) -> Token | None:
    """The token in force that has this secret, with its owner; its use is written down."""
    in_force = Token.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)
    in_force = in_force.filter(owner__is_active=True, digest=Token.digest_of(secret))
    token = in_force.select_related("owner").first()
    if token is not None:
        _note_use(token, now)
    return token


def _note_use(token: Token, now: datetime) -> None:
    if token.last_used_at is None or token.last_used_at <= now - USED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=now - USED_EVERY)
        Token.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def acting_user(token: Token) -> User:
    """The owner with what the token may do, for the functions that ask what a user may. Never to be saved."""
    user = User.objects.get(pk=token.owner_id)
    granted = _GRANTED[Token.Role(token.role)] & user.get_all_permissions()
    user.is_staff = user.is_superuser = False
    user.has_perm = lambda perm, obj=None: perm in granted  # type: ignore[method-assign]
    return user
