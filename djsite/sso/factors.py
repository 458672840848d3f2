"""Second factors: codes of an app (RFC 6238), recovery codes, and who must have them.

A session is marked with the factor that it has shown. Without that mark its person is nobody yet
(:mod:`djsite.sso.middleware`), however the session began.
"""

from __future__ import annotations

import enum
import hashlib
import hmac
import secrets
import time
from base64 import b32encode
from collections.abc import Iterable

import pyotp
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction

from catalog import sealing
from djsite.desk import audit
from djsite.desk.people.listing import Role, role_of
from djsite.sso.models import RecoveryCode, RequiredFor, SecondFactor

STEP = 30  # seconds that a code is shown for
EITHER_SIDE = 1  # steps that a telephone's clock may differ
CODES = 10  # recovery codes that are made at once
_BYTES = 10  # random ones of a recovery code: guessing is hopeless, so its digest needs no slow hash
SHOWN = "second_factor"  # in a session: the factor that it has shown
BY_PROVIDER = "second_factor_by_provider"  # in a session: the provider has asked for two


class Missing(enum.Enum):
    """What a session has still to do."""

    CODE = "code"
    SETUP = "setup"


class Refused(Exception):
    """Something that cannot be done; a sentence for people."""


def missing(person: User, session: SessionBase) -> Missing | None:
    """What a person who is logged in has still to show; None if nothing."""
    if session.get(BY_PROVIDER):
        return None
    factor = SecondFactor.objects.filter(person=person).values_list("pk", flat=True).first()
    if factor is not None:
        return None if session.get(SHOWN) == factor else Missing.CODE
    return Missing.SETUP if is_required_of(person) else None


def is_required_of(person: User) -> bool:
    """Whether the role of somebody must have a second factor."""
    roles = required_roles()
    return bool(roles) and role_of(person) in roles


def required_roles() -> set[str]:
    """The roles that must have one."""
    return set(RequiredFor.objects.values_list("role", flat=True))


@transaction.atomic
def require(by: User, roles: Iterable[Role]) -> None:
    """Make these the roles that must have a second factor, from the next page on."""
    before, after = required_roles(), set(roles)
    RequiredFor.objects.exclude(role__in=after).delete()
    for role in sorted(after - before):
        rule = RequiredFor.objects.create(role=role)
        audit.note(by, [rule], "Second factor required", added=True)
    if gone := sorted(before - after):
        audit.note(by, [by], f"Second factor no longer required of: {', '.join(gone)}")


def new_secret() -> str:
    """A secret for an app, as people can type it."""
    return str(pyotp.random_base32())


def address_of(secret: str, person: User) -> str:
    """What the QR code says to an app."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=person.get_username(), issuer_name="Crawlbeat"))


@transaction.atomic
def switch_on(person: User, secret: str, code: str, session: SessionBase) -> list[str]:
    """Keep a secret whose code is right, and return the recovery codes. Raises Refused."""
    step = _step_of(secret, _plain(code), time.time())
    if step is None:
        raise Refused("This code is not right. Look at the app again: it shows another one every 30 seconds.")
    if SecondFactor.objects.filter(person=person).exists():
        raise Refused("Your second factor is switched on already.")
    factor = SecondFactor.objects.create(person=person, secret=secret, last_step=step)
    session[SHOWN] = factor.pk
    audit.note(person, [person], "Second factor switched on")
    return _make_codes(person)


@transaction.atomic
def switch_off(person: User) -> None:
    """Do without a second factor. Raises Refused if the role must have one."""
    if is_required_of(person):
        raise Refused("Your role must have a second factor.")
    forget(person)
    audit.note(person, [person], "Second factor switched off")


@transaction.atomic
def reset(by: User, person: User) -> None:
    """Take the factor of somebody who has lost it. Raises Refused."""
    if by.pk == person.pk:
        raise Refused("Nobody resets their own second factor: switch it off on your page.")
    if person.is_superuser and not by.is_superuser:
        raise Refused("Only an administrator resets the second factor of one.")
    if not SecondFactor.objects.filter(person=person).exists():
        raise Refused("There is no second factor.")
    forget(person)
    audit.note(by, [person], "Second factor reset")


@transaction.atomic
def codes_anew(person: User) -> list[str]:
    """Other recovery codes in place of those there are."""
    audit.note(person, [person], "Recovery codes made anew")
    return _make_codes(person)


def accept(person: User, code: str) -> bool:
    """Whether a code of the app or a recovery code is right; either is taken once.

    Raises :class:`catalog.sealing.SealingError`.
    """
    factor = SecondFactor.objects.filter(person=person).first()
    text = _plain(code)
    if factor is None:
        return False
    if not text.isdigit():
        return _use_recovery_code(person, text)
    step = _step_of(sealing.unseal(factor.secret), text, time.time())
    if step is None:
        return False
    # of two requests with the same code one finds the row as it was
    return bool(SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step).update(last_step=step))


def mark(session: SessionBase, person: User) -> None:
    """A session has shown the factor of its person; its key changes with what it may do."""
    session.cycle_key()
    session[SHOWN] = SecondFactor.objects.values_list("pk", flat=True).get(person=person)


@transaction.atomic
def _use_recovery_code(person: User, text: str) -> bool:
    used, _ = RecoveryCode.objects.filter(person=person, digest=_digest(text)).delete()
    if used:
        left = RecoveryCode.objects.filter(person=person).count()
        audit.note(person, [person], f"Recovery code used; left: {left}")
    return bool(used)


def _step_of(secret: str, code: str, now: float) -> int | None:
    """The step whose code this is; None if it is none of those near now."""
    if not code.isascii():
        return None
    totp = pyotp.TOTP(secret)
    middle = int(now // STEP)
    for step in range(middle - EITHER_SIDE, middle + EITHER_SIDE + 1):
        if hmac.compare_digest(totp.generate_otp(step), code):
            return step
    return None


def _make_codes(person: User) -> list[str]:
    RecoveryCode.objects.filter(person=person).delete()
    codes = [b32encode(secrets.token_bytes(_BYTES)).decode().lower() for _ in range(CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(person=person, digest=_digest(code)) for code in codes)
    return ["-".join(code[start : start + 4] for start in range(0, len(code), 4)) for code in codes]


@transaction.atomic
def forget(person: User) -> None:
    """Take somebody's second factor and recovery codes, whoever asks."""
    SecondFactor.objects.filter(person=person).delete()
    RecoveryCode.objects.filter(person=person).delete()


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").lower()


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
