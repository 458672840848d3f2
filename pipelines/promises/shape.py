"""Whether a seed's data have the shape that a promise names, or the usual one; if not, why: in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from statistics import median
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from catalog.models import Coverage, Page, Promise, Record, Run
from crawler.reading.extractor.coverage import FALL, RUNS
from pipelines.quality.falls import sentence_of

PAGES = "pages"  # what is counted of a seed without rules


def newest_run(promise: Promise, since: datetime, until: datetime) -> Run | None:
    """The last run that ended in this time and got pages."""
    return _good_runs(promise.seed_id).filter(finished_at__gt=since, finished_at__lte=until).first()


def reasons_of(promise: Promise, run: Run | None, since: datetime) -> list[str]:
    """Why a promise is broken; none if it is kept. ``run`` is the newest one since then that got pages."""
    if run is None:
        local = since.astimezone(ZoneInfo(promise.time_zone))
        return [f"No run has got pages since {local:%Y-%m-%d %H:%M} {promise.time_zone}."]
    rows = list(_coverage(promise, run))
    falls = [sentence_of(row) for row in rows if row.falls] if promise.as_complete else []
    if promise.least is not None:
        return [*_too_few(promise, run, since), *falls]
    return [*_fewer_than_usual(promise, run, rows), *falls]


def _too_few(promise: Promise, run: Run, since: datetime) -> list[str]:
    """Things that are there, and were seen since the deadline before: old ones prove nothing."""
    assert promise.least is not None
    there = Page.objects.filter(seed=promise.seed_id, gone_at=None, last_fetched_at__gt=since)
    name = promise.collection or PAGES
    count = there.count()
    if promise.collection or run.rule_set_id is not None:
        records = Record.objects.filter(seed=promise.seed_id, gone_at=None, page__last_fetched_at__gt=since)
        name = promise.collection or "records"
        count = (records.filter(collection=name) if promise.collection else records).count()
    return [f"Only {count:,} of at least {promise.least:,} {name}."] if count < promise.least else []


def _fewer_than_usual(promise: Promise, run: Run, rows: Sequence[Coverage]) -> list[str]:
    before = _good_runs(promise.seed_id).filter(pk__lt=run.pk)
    counts: dict[str, tuple[int, list[int]]] = {}
    if not rows and not promise.collection:
        got = [stored + same for stored, same in before.values_list("stored", "unchanged")[:RUNS]]
        counts[PAGES] = (run.stored + run.unchanged, got)
    for row in rows:
        earlier = Coverage.objects.filter(run__seed=run.seed_id, run__lt=run.pk, collection=row.collection)
        usual = list(earlier.order_by("-run_id").values_list("records", flat=True)[:RUNS])
        counts[row.collection] = (row.records, usual)
    return [
        f"Only {count:,} of the usual {median(usual):,.0f} {name}."
        for name, (count, usual) in counts.items()
        if usual and count < FALL * median(usual)
    ]


def _coverage(promise: Promise, run: Run) -> QuerySet[Coverage]:
    rows = Coverage.objects.filter(run=run).order_by("collection")
    return rows.filter(collection=promise.collection) if promise.collection else rows


def _good_runs(seed_id: int) -> QuerySet[Run]:
    runs = Run.objects.filter(seed=seed_id, state=Run.State.FINISHED).exclude(kind=Run.Kind.RECRAWL)
    return (runs.filter(stored__gt=0) | runs.filter(unchanged__gt=0)).order_by("-finished_at", "-pk")
