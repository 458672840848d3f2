"""Saving, switching and deleting alerts on somebody's behalf."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db import transaction

from catalog.models import Alert, Channel
from djsite.desk.alerts.words import condition_words
from djsite.desk.audit import AnyUser

NAME_LENGTH = 200


def may_change(user: AnyUser, alert: Alert) -> bool:
    """Whether an alert is somebody's own, or they may change all of them."""
    if alert.pk is None or (user.pk is not None and alert.owner_id == user.pk):
        return True
    return bool(getattr(user, "is_active", False) and user.has_perm("catalog.change_alert"))  # type: ignore[union-attr]


def save(alert: Alert, channels: Iterable[Channel], user: AnyUser) -> None:
    """Write an alert that was checked, with its channels; without a name it is called by what it says.

    Raises:
        PermissionDenied: it belongs to somebody else, and the user may change their own only.
    """
    check(user, alert)
    alert.name = alert.name or condition_words(alert)[:NAME_LENGTH]
    with transaction.atomic():
        alert.save()
        alert.channels.set(channels)


def switch(alert: Alert, enabled: bool, user: AnyUser) -> None:
    """Switch an alert on or off; what happens while it is off is not told later. Raises as :func:`save`."""
    check(user, alert)
    Alert.objects.filter(pk=alert.pk).update(enabled=enabled)


def delete(alert: Alert, user: AnyUser) -> None:
    """Delete an alert, and what it has not told yet. Raises as :func:`save`."""
    check(user, alert)
    alert.delete()


def check(user: AnyUser, alert: Alert) -> None:
    """Raise PermissionDenied unless the user may change this alert."""
    if not may_change(user, alert):
        raise PermissionDenied("This alert belongs to somebody else.")
