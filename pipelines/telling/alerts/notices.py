"""Writing the outbox: the notices that come of events, each once for a channel."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from catalog.models import Alert, Event, Notice
from pipelines.telling.sending import outbox


class Notices:
    """Notices that are about to be written. A channel tells an event once, at the earliest time asked."""

    def __init__(self) -> None:
        self._by_pair: dict[tuple[int, int], Notice] = {}

    def add(self, event: Event, channel_ids: Iterable[int], due_at: datetime, alert: Alert | None) -> None:
        """Have an event told at a moment, because of an alert or of a promise (None)."""
        for channel_id in channel_ids:
            notice = self._by_pair.get((channel_id, event.pk))
            if notice is None or due_at < notice.due_at:
                notice = Notice(channel_id=channel_id, event=event, alert=alert, due_at=due_at)
                self._by_pair[channel_id, event.pk] = notice

    def write(self) -> None:
        """Write them, in the order of events, and when their channels have something to send.

        What an earlier look at an event has told, or will tell, stays as it is.
        """
        rows = sorted(self._by_pair.values(), key=lambda notice: (notice.event_id, notice.channel_id))
        Notice.objects.bulk_create(rows, ignore_conflicts=True)
        for channel_id, due_at in sorted(_earliest(rows).items()):
            outbox.call([channel_id], due_at)


def _earliest(notices: Iterable[Notice]) -> dict[int, datetime]:
    """By channel."""
    earliest: dict[int, datetime] = {}
    for notice in notices:
        known = earliest.get(notice.channel_id, notice.due_at)
        earliest[notice.channel_id] = min(known, notice.due_at)
    return earliest
