"""Alerts that are switched on, ready to look at events: with what their views cover, and their channels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from catalog.models import Alert, Channel, Event
from pipelines.telling.alerts.conditions import Texts, is_for_keepers, meets
from pipelines.telling.alerts.rhythms import due_after
from pipelines.telling.filters import EventFilter

KEEPS_SEEDS = "catalog.change_seed"
"""The permission of those who may be told what only they can mend."""


@dataclass(frozen=True)
class Watcher:
    """An alert, what its kept view covers, its channels, and when it tells."""

    alert: Alert
    view: EventFilter
    channels: tuple[Channel, ...] = ()
    due_at: datetime | None = None

    def is_met_by(self, event: Event, texts: Texts) -> bool:
        """Whether it tells of this event."""
        if is_for_keepers(event) and not _is_keepers(self.alert):
            return False
        return meets(event, self.alert, self.view, texts)

    def channel_ids(self, event: Event) -> set[int]:
        """The channels that tell of this event: what is for keepers goes to no channel of somebody else."""
        for_keepers = is_for_keepers(event)
        return {channel.pk for channel in self.channels if not for_keepers or _is_of_keeper(channel)}


def watcher_of(alert: Alert) -> Watcher:
    """Of an alert that may not be saved yet; it has no channels."""
    return Watcher(alert, EventFilter.of_query(alert.view.query if alert.view else ""))


def watchers_of(seed_ids: Iterable[int], now: datetime) -> list[Watcher]:
    """The alerts that are switched on for any of these seeds, or for all."""
    alerts = Alert.objects.filter(Q(seed__in=list(seed_ids)) | Q(seed=None), enabled=True)
    return [
        Watcher(
            alert,
            EventFilter.of_query(alert.view.query if alert.view else ""),
            tuple(alert.channels.all()),
            due_after(alert, now),
        )
        for alert in alerts.select_related("view", "owner").prefetch_related("channels__owner").order_by("pk")
    ]


def _is_keepers(alert: Alert) -> bool:
    """Whether its owner may change seeds; without an owner, whether its condition says so."""
    if alert.owner is None:
        return alert.condition == Alert.Condition.COVERAGE_FELL
    return bool(alert.owner.has_perm(KEEPS_SEEDS))


def _is_of_keeper(channel: Channel) -> bool:
    return channel.owner is None or bool(channel.owner.has_perm(KEEPS_SEEDS))
