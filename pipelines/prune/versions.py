"""Versions of pages that their seed does not keep, once a day and after its rule has changed.

Kept whatever the rule says: what a record shows as the receipt of its values, versions of the last hour, and
those of pages that are looked at a second time, or of seeds that are read again. Earlier values of records
stay; their receipt says that the version was pruned. ``Page.versions`` goes on saying how many there were.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet, Sum

from catalog.models import Chore, Page, Reading, Record, SecondLook, Seed, Snapshot
from catalog.models.record import held_in
from catalog.sql import bulk
from pipelines.prune.retention import LAST, Kept, Rule
from pipelines.prune.rows import CHUNK, count_needed

EVERY = timedelta(days=1)
YOUNG = timedelta(hours=1)  # versions that a run, a try or a page of the site may be reading
PAGES = 50  # looked at together


def chore_of(seed_id: int | str) -> str:
    """The name of the row that says where this is with a seed, and what it came to."""
    return f"versions of seed {seed_id}"


def old_versions(now: datetime) -> Iterator[object]:
    """Of all seeds that have a rule; others cost nothing."""
    yield from _forget_deleted_seeds()
    rule = Q(keep_versions__isnull=False) | Q(keep_days__isnull=False) | Q(keep_daily=True)
    for seed in Seed.objects.alive().filter(rule).order_by("pk"):
        chore, _ = Chore.objects.get_or_create(name=chore_of(seed.pk))
        if _is_due(chore, seed, now) and not _is_read_again(seed):
            yield from _Walk(seed, chore, now).steps()


def _forget_deleted_seeds() -> Iterator[object]:
    """The rows of work on seeds that are not there any more."""
    alive = set(map(chore_of, Seed.objects.values_list("pk", flat=True)))
    of_seeds = Chore.objects.filter(name__startswith=chore_of("")).values_list("pk", "name")
    if gone := [pk for pk, name in of_seeds if name not in alive]:
        yield Chore.objects.filter(pk__in=gone).delete()


def _is_due(chore: Chore, seed: Seed, now: datetime) -> bool:
    done_at = chore.done_at
    return done_at is None or done_at + EVERY <= now or done_at < seed.updated_at


def _is_read_again(seed: Seed) -> bool:
    return seed.rereadings.filter(finished_at=None).exists()


class _Walk:
    """A way through the pages of a seed; it goes on where an earlier one was cut off."""

    def __init__(self, seed: Seed, chore: Chore, now: datetime) -> None:
        self._seed, self._chore, self._now = seed, chore, now
        self._rule = Rule.of(seed)
        if not chore.place:
            chore.result = {**chore.result, "deleted": 0}

    def steps(self) -> Iterator[object]:
        """Some pages each; ends early when the seed is read again meanwhile."""
        moved = _receipts_elsewhere(self._seed)
        while pages := self._next_pages():
            if _is_read_again(self._seed):
                return
            kept = moved | _receipts(pages)
            doomed = [each for each in self._not_needed(pages) if each.id not in kept]
            for at in range(0, len(doomed), CHUNK):
                _delete(doomed[at : at + CHUNK])
                yield doomed
            self._save(place=pages[-1], deleted=self._chore.result["deleted"] + len(doomed))
            yield pages
        of_seed = Snapshot.objects.filter(page__seed=self._seed)
        totals = of_seed.aggregate(versions=Count("pk"), bytes=Sum("length"))
        self._save(place=0, done_at=self._now, **totals)

    def _next_pages(self) -> list[int]:
        """Pages that may have a version to spare. Those of a second look wait until that is over."""
        pages = Page.objects.filter(seed=self._seed, pk__gt=self._chore.place, versions__gt=1 + LAST)
        looked_at = SecondLook.objects.filter(seed=self._seed).values("page_id")
        keys = pages.exclude(pk__in=looked_at).order_by("pk").values_list("pk", flat=True)
        return list(keys[:PAGES])

    def _not_needed(self, pages: Sequence[int]) -> Iterator[Kept]:
        rows = Snapshot.objects.filter(page__in=pages).order_by("page_id", "pk").values_list(*Kept._fields)
        for _, versions in groupby((Kept(*row) for row in rows.iterator()), attrgetter("page_id")):
            for version in self._rule.not_needed(list(versions), self._now):
                if version.fetched_at < self._now - YOUNG:
                    yield version

    def _save(self, *, place: int, done_at: datetime | None = None, **result: int | None) -> None:
        chore = self._chore
        chore.place, chore.result = place, {**chore.result, **result}
        chore.done_at = done_at or chore.done_at
        chore.save(update_fields=["place", "done_at", "result"])


def _receipts(pages: Sequence[int]) -> set[int]:
    """The versions from which the values were read of the records that are at home on pages."""
    rows = Record.objects.filter(page__in=pages).values_list("snapshot_id", "problems")
    kept: set[int] = set()
    for snapshot, problems in rows.iterator():
        kept |= {snapshot, *(mark["snapshot"] for mark in held_in(problems).values())}
    return kept


def _receipts_elsewhere(seed: Seed) -> set[int]:
    """The same of records that have moved to another page since their values were read."""
    moved: QuerySet[Record] = Record.objects.filter(seed=seed).filter(~Q(snapshot__page=F("page")))
    return set(moved.values_list("snapshot_id", flat=True))


@transaction.atomic
def _delete(versions: Sequence[Kept]) -> None:
    """Versions with their readings; what is needed of their segments is counted again."""
    ids = [version.id for version in versions]
    bulk.delete(Reading, "snapshot_id", ids)
    bulk.delete(Snapshot, "id", ids)
    count_needed(sorted({version.batch_id for version in versions}))
