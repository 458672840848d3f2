"""Leases on rows of work that one worker at a time does: an export, a chore.

The token is the fence: a worker whose lease was taken over finds another token on the row, and stops. All
times are the database's.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import get_ident
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

Row = QuerySet[Any]  # that selects one row
RENEW_SECONDS = 5.0  # how often a lease is renewed


class LeaseLost(Exception):
    """Another worker has taken the work over: this one was away for longer than its lease."""


def until(now: datetime) -> datetime:
    """When a lease that is taken or renewed now runs out."""
    return now + timedelta(seconds=settings.WORK_LEASE_SECONDS)


def held(now: datetime) -> Q:
    """That a worker holds a row."""
    return Q(lease_until__gt=now)


def take(row: Row, now: datetime, **changes: Any) -> str | None:
    """Take the lease of the one row in ``row``, and change it; its token, or None when it is held."""
    token = secrets.token_hex(8)
    free = row.filter(Q(lease_until=None) | Q(lease_until__lte=now))
    return token if free.update(lease_token=token, lease_until=until(now), **changes) else None


def renew(row: Row, token: str, now: datetime, **changes: Any) -> None:
    """Hold the row for longer, and change it. Raises :class:`LeaseLost`."""
    if not row.filter(lease_token=token).update(lease_until=until(now), **changes):
        raise LeaseLost(f"the lease {token} was taken over")


def give_back(row: Row, token: str, **changes: Any) -> None:
    """Hold the row no longer, and change it. Raises :class:`LeaseLost`."""
    if not row.filter(lease_token=token).update(lease_token="", lease_until=None, **changes):
        raise LeaseLost(f"the lease {token} was taken over")


@dataclass
class Lease:
    """This worker's right to the work of a row, while it does it; it was taken at ``now``.

    Its methods raise :class:`LeaseLost` when another worker has it.
    """

    row: Row
    token: str
    now: datetime

    def __post_init__(self) -> None:
        self._began = self._renewed = monotonic()
        self._thread = get_ident()

    @property
    def seconds(self) -> float:
        """How long it has been held."""
        return monotonic() - self._began

    @property
    def moment(self) -> datetime:
        """What time it is by now."""
        return self.now + timedelta(seconds=self.seconds)

    def hold(self, **changes: object) -> None:
        """Renew it and change the row."""
        self._renewed = monotonic()
        renew(self.row, self.token, self.moment, **changes)

    def keep(self) -> None:
        """Renew it if it is time to."""
        if monotonic() - self._renewed > RENEW_SECONDS:
            self.hold()
            if get_ident() != self._thread:  # S3's client reads in threads of its own
                connection.close()

    def end(self, **changes: object) -> None:
        """Give it back and change the row."""
        give_back(self.row, self.token, **changes)
