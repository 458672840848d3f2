"""Rows that are no longer needed. A step deletes some, with all that points to them, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from catalog.models import (
    ApiWrite,
    Attempt,
    Batch,
    Coverage,
    Event,
    Export,
    Forecast,
    JudgedAnswer,
    KnownFailure,
    NoiseBlock,
    Notice,
    Page,
    Reading,
    Record,
    RecordVersion,
    Rereading,
    RereadingPart,
    Run,
    RunHost,
    RunTemplate,
    SecondLook,
    Seed,
    SeedEdit,
    Shipment,
    Sighting,
    Snapshot,
    Visit,
)
from catalog.search import index
from catalog.sql import bulk
from pipelines.shipping.orders import OPEN

UNDO = timedelta(days=1)  # in which a deleted seed can be brought back
_MARGIN = timedelta(hours=1)  # so that none is brought back while its rows go
CHUNK = 500  # rows deleted in one transaction


def old_visits(before: datetime) -> Iterator[object]:
    """Visits of runs that ended earlier."""
    visits = Visit.objects.filter(run=OuterRef("pk"))
    runs = Run.objects.filter(Exists(visits), state=Run.State.FINISHED, finished_at__lt=before)
    for run in each(runs):
        yield from _delete_visits(run)


def old_runs(before: datetime) -> Iterator[object]:
    """Runs that ended earlier, or were due earlier and never ran."""
    ended = Q(state=Run.State.FINISHED, finished_at__lt=before)
    never_ran = Q(state__in=[Run.State.SKIPPED, Run.State.MISSED], created_at__lt=before)
    for run in each(Run.objects.filter(ended | never_ran)):
        yield from _delete_run(run)


def old_exports(before: datetime) -> Iterator[object]:
    """Rows of exports that ended earlier. A file without a row is then an orphan."""
    old = Export.objects.filter(finished_at__lt=before).exclude(state=Export.State.WAITING)
    for keys in _chunks(old):
        bulk.delete(Export, "id", keys)
        yield keys


def old_shipments(before: datetime) -> Iterator[object]:
    """Shipments that are over and were ordered earlier; of an outlet the last stays, and that of a run."""
    later = Shipment.objects.filter(outlet=OuterRef("outlet"), number__gt=OuterRef("number"))
    over = Shipment.objects.filter(Exists(later), created_at__lt=before).exclude(state__in=OPEN)
    for keys in _chunks(over.filter(Q(run=None) | Exists(later.exclude(run=None)))):
        bulk.delete(Shipment, "id", keys)
        yield keys


def old_api_writes(before: datetime) -> Iterator[object]:
    """Answers to writes that were made earlier: nobody asks for them again."""
    for keys in _while_any(ApiWrite.objects.filter(created_at__lt=before)):
        bulk.delete(ApiWrite, "id", keys)
        yield keys


def old_forecasts(before: datetime) -> Iterator[object]:
    """Forecasts that ended earlier; the last of a seed stays, which its page compares with what came."""
    later = Forecast.objects.filter(seed=OuterRef("seed"), pk__gt=OuterRef("pk"))
    ended = Forecast.objects.filter(finished_at__lt=before).exclude(state=Forecast.State.WAITING)
    for keys in _chunks(ended.filter(Q(seed=None) | Exists(later))):
        bulk.delete(Forecast, "id", keys)
        yield keys


def old_events(before: datetime) -> Iterator[object]:
    """Events of earlier times, with what the outbox says of them; messages that were sent stay."""
    yield from _delete_events(Event.objects.filter(at__lt=before))


def doomed_seeds(now: datetime) -> QuerySet[Seed]:
    """Deleted seeds without an open run that can no longer be brought back."""
    live = Run.objects.open().filter(seed=OuterRef("pk"))
    return Seed.objects.filter(~Exists(live), deleted_at__lte=now - UNDO - _MARGIN)


def deleted_seeds(now: datetime) -> Iterator[object]:
    """From the bottom up, so that no single delete has many rows to cascade to."""
    for seed in doomed_seeds(now):
        for rereading in each(seed.rereadings.all()):
            yield from _delete_rereading(rereading)
        for run in each(seed.runs.all()):
            yield from _delete_visits(run)
        for keys in _chunks(seed.pages.all()):
            _delete_pages(keys)
            yield keys
        for run in each(seed.runs.all()):
            yield from _delete_run(run)
        yield from _delete_telling(seed)
        yield seed.delete()


def _delete_telling(seed: Seed) -> Iterator[object]:
    """What happened to a seed, what is learned of its noise, and whom it promised to tell."""
    yield from _delete_events(seed.events.all())
    for of_alerts in _while_any(Notice.objects.filter(alert__seed=seed)):
        bulk.delete(Notice, "id", of_alerts)
        yield of_alerts
    for model in (SecondLook, NoiseBlock, SeedEdit, KnownFailure):
        for keys in _while_any(model.objects.filter(seed=seed)):
            bulk.delete(model, "id", keys)
            yield keys


def _delete_events(events: QuerySet[Event]) -> Iterator[object]:
    for keys in _while_any(events):
        with transaction.atomic():
            bulk.delete(Notice, "event_id", keys)
            bulk.delete(Event, "id", keys)
        yield keys


def _delete_rereading(rereading: int) -> Iterator[object]:
    """First what its workers need to write anything: their leases."""
    RereadingPart.objects.filter(rereading=rereading).delete()
    bulk.delete(Rereading, "id", [rereading])
    for keys in _while_any(Sighting.objects.filter(rereading=rereading)):
        bulk.delete(Sighting, "id", keys)
        yield keys


def _delete_run(run: int) -> Iterator[object]:
    """A run with its visits; the versions that it stored stay."""
    yield from _delete_visits(run)
    for keys in _while_any(Snapshot.objects.filter(run=run)):
        yield Snapshot.objects.filter(pk__in=keys).update(run=None)
    for model in (Coverage, RunHost, RunTemplate):
        for keys in _while_any(model.objects.filter(run=run)):
            bulk.delete(model, "id", keys)
            yield keys
    yield Run.objects.filter(pk=run).delete()


def _delete_visits(run: int) -> Iterator[object]:
    for keys in _chunks(Visit.objects.filter(run=run), "fingerprint"):
        with transaction.atomic():
            bulk.delete(Attempt, "visit_id", keys)
            _delete_judged(keys)
            bulk.delete(Visit, "id", keys)
        yield keys


@transaction.atomic
def _delete_pages(keys: Sequence[int]) -> None:
    """Pages with their versions, readings, records and words; what their segments need is counted again."""
    of_pages = Snapshot.objects.filter(page__in=keys).order_by()
    batches = list(of_pages.values_list("batch", flat=True).distinct())
    bulk.delete(RecordVersion, "record_id", _ids(Record.objects.filter(page__in=keys)))
    bulk.delete(Record, "page_id", keys)
    bulk.delete(Reading, "snapshot_id", _ids(of_pages))
    bulk.delete(Snapshot, "page_id", keys)
    bulk.delete(Page, "id", keys)
    index().forget(keys)
    count_needed(batches)


def _delete_judged(visits: Sequence[int]) -> None:
    """The answers with a verdict of visits; most visits have none."""
    judged = JudgedAnswer.objects.filter(visit__in=visits)
    if batches := list(judged.order_by().values_list("batch", flat=True).distinct()):
        bulk.delete(JudgedAnswer, "visit_id", visits)
        count_needed(batches)


def count_needed(batches: Sequence[int]) -> None:
    """Count again what is needed of the segments of batches."""
    needed = _bytes_needed(Snapshot) + _bytes_needed(JudgedAnswer)
    Batch.objects.filter(pk__in=batches).update(live_bytes=needed)


def _bytes_needed(model: type[Snapshot | JudgedAnswer]) -> Coalesce:
    rows = model.objects.filter(batch=OuterRef("pk")).order_by().values("batch")
    return Coalesce(Subquery(rows.annotate(total=Sum("length")).values("total")), 0)


def _ids(rows: QuerySet[Any]) -> list[int]:
    return list(rows.values_list("pk", flat=True))


def each(rows: QuerySet[Any]) -> Iterator[int]:
    """The keys of rows, read in slices; rows may be deleted meanwhile."""
    for keys in _chunks(rows):
        yield from keys


def _chunks(rows: QuerySet[Any], column: str = "pk") -> Iterator[list[int]]:
    """The keys of rows in slices, each after the last one: rows that are dead already are not met again.

    ``column`` is unique among the rows, and an index has them in its order.
    """
    pairs = rows.order_by(column).values_list("pk", column)
    part = list(pairs[:CHUNK])
    while part:
        yield [pk for pk, _ in part]
        part = list(pairs.filter(**{f"{column}__gt": part[-1][1]})[:CHUNK])


def _while_any(rows: QuerySet[Any]) -> Iterator[list[int]]:
    """The keys of rows in slices, in any order; the caller takes them out of the set."""
    while keys := list(rows.order_by().values_list("pk", flat=True)[:CHUNK]):
        yield keys
