"""The steps before and after reading: parts are planned; the result is compared, promoted or dropped.

A step goes on slice by slice under a lease on the rereading; each slice is one transaction with its place.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import msgspec
from django.db import transaction

from catalog.models import Page, Reading, Rereading, RereadingPart, Sighting
from catalog.sql import bulk
from pipelines import work_leases
from pipelines.rereading.difference import Difference, add_pairs
from pipelines.rereading.progress import hindrance_shown, missing_in, progress_of
from pipelines.rereading.promotion import close_set, promote_pairs, set_rule_set
from pipelines.rereading.sightings import versions_of
from pipelines.rereading.slices import Place, next_slice

PART_PAGES = 200  # pages of a part
ROWS = 1000  # that one transaction deletes
SECONDS = 20.0  # after which a worker lets others have their turn
State = Rereading.State


def go_on(rereading_id: int, now: datetime, stopping: Callable[[], bool] = lambda: False) -> bool:
    """Do what can be done of a rereading now; whether something is left that needs no reading first.

    After an error, which is shown on the row, a sweep asks for it again when the lease has run out.
    """
    row = Rereading.objects.filter(pk=rereading_id, finished_at=None)
    token = work_leases.take(row, now)
    if token is None:
        return False
    step = _Step(rereading_id, token, now)
    with hindrance_shown(rereading_id):
        more = True
        while more and not stopping() and step.seconds < SECONDS:
            more = step.slice()
        work_leases.give_back(row.model.objects.filter(pk=rereading_id), token)
        return more
    return False


class _Step:
    """This worker's turn."""

    def __init__(self, rereading_id: int, token: str, now: datetime) -> None:
        self._row = Rereading.objects.filter(pk=rereading_id)
        self._token = token
        self._now = now
        self._began = monotonic()

    @property
    def seconds(self) -> float:
        """How long it has lasted."""
        return monotonic() - self._began

    @transaction.atomic
    def slice(self) -> bool:
        """One slice; whether there is another."""
        rereading = self._row.select_related("rule_set", "seed").get()
        step = {
            State.WAITING: self._plan,
            State.READING: self._compare,
            State.PROMOTING: self._promote,
            State.DROPPED: self._drop,
            State.PROMOTED: self._tidy,
        }.get(State(rereading.state))
        return step is not None and rereading.finished_at is None and step(rereading)

    def _save(self, **changes: Any) -> bool:
        now = self._now + timedelta(seconds=self.seconds)
        work_leases.renew(self._row, self._token, now, **changes)
        return True

    def _plan(self, rereading: Rereading) -> bool:
        """The next part; when there is no other, its parts are read."""
        pages = Page.objects.filter(seed=rereading.seed_id, pk__gt=rereading.pages_after).order_by("pk")
        ids = list(pages.values_list("pk", flat=True)[:PART_PAGES])
        if not ids:
            return self._save(state=State.READING)
        RereadingPart.objects.create(rereading=rereading, after=rereading.pages_after, last=ids[-1])
        return self._save(pages_after=ids[-1], total=rereading.total + versions_of(rereading, ids).count())

    def _compare(self, rereading: Rereading) -> bool:
        if rereading.parts.filter(done=False).exists():
            return False
        part = next_slice(rereading, _place(rereading))
        if part is None:
            self._save(state=State.COMPARED, place=None, error=missing_in(rereading))
            return False
        difference = msgspec.convert(rereading.difference, Difference)
        add_pairs(difference, part.pairs)
        return self._save(difference=msgspec.to_builtins(difference), place=msgspec.to_builtins(part.place))

    def _promote(self, rereading: Rereading) -> bool:
        part = next_slice(rereading, _place(rereading), lock=True)
        if part is not None:
            promote_pairs(rereading, part.pairs, self._now)
            return self._save(change_set=rereading.change_set, place=msgspec.to_builtins(part.place))
        close_set(rereading, self._now)
        error = missing_in(rereading)
        return self._save(state=State.PROMOTED, place=None, pages_after=0, error=error)

    def _tidy(self, rereading: Rereading) -> bool:
        """The pages were read by the new rules; what was kept for comparing is deleted."""
        if self._forget_parts(rereading):
            return True
        pages = Page.objects.filter(seed=rereading.seed_id, pk__gt=rereading.pages_after).order_by("pk")
        ids = list(pages.values_list("pk", flat=True)[:ROWS])
        if ids and not rereading.collection:
            set_rule_set(rereading, ids)
            return self._save(pages_after=ids[-1])
        return self._delete_sightings(rereading)

    def _drop(self, rereading: Rereading) -> bool:
        """Delete what it read and nobody else: first its parts, so that no reader adds anything."""
        if self._forget_parts(rereading):
            return True
        after = 0 if rereading.place is None else rereading.place["page"]
        pages = Page.objects.filter(seed=rereading.seed_id, pk__gt=after).order_by("pk")
        if ids := list(pages.values_list("pk", flat=True)[:ROWS]):
            Reading.objects.filter(snapshot__page__in=ids, rereading=rereading).delete()
            return self._save(place={"page": ids[-1]})
        return self._delete_sightings(rereading)

    def _forget_parts(self, rereading: Rereading) -> bool:
        """Delete the parts, and keep what they counted; whether there were any."""
        if not rereading.parts.exists():
            return False
        progress = progress_of(rereading)
        rereading.parts.all().delete()
        return self._save(read=progress.read, unread=progress.unread, place=None)

    def _delete_sightings(self, rereading: Rereading) -> bool:
        ids = list(Sighting.objects.filter(rereading=rereading).values_list("pk", flat=True)[:ROWS])
        bulk.delete(Sighting, "id", ids)
        if ids:
            return self._save()
        self._save(finished_at=self._now, place=None)
        return False


def _place(rereading: Rereading) -> Place | None:
    return None if rereading.place is None else msgspec.convert(rereading.place, Place)
