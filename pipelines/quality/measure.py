"""When a run has ended: its coverage is kept, falls are noted, and what was in doubt is decided.

While pages are stored, a page that held records of a collection and shows none takes nothing away, and a
record whose field is empty now keeps its value: the rules may read it no more. What fell in the run is held,
and a person is told; what did not fall is empty indeed, and is taken away. A recrawl is too small to tell.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.models import Coverage, Page, Record, Run
from crawler.reading.extractor.coverage import RUNS, Count, has_fallen
from pipelines.events.baseline import rules_known
from pipelines.events.records import Seen
from pipelines.quality.falls import WHOLE
from pipelines.quality.pages import SLICE, Read, locked, read_of
from pipelines.store.changes import Changes
from pipelines.store.readings import latest_readings
from pipelines.store.records import leave, let_go


def measure_run(run_id: int, now: datetime) -> None:
    """Keep what a finished run read of its collections. May be interrupted and begun again."""
    run = Run.objects.filter(pk=run_id, state=Run.State.FINISHED, compared=None).first()
    if run is None or run.rule_set_id is None or run.kind == Run.Kind.RECRAWL:
        return
    for read in read_of(run):
        before = earlier(run, read.collection.name)
        fallen = _fallen(read, before, run.finished_at or now)
        Coverage.objects.update_or_create(
            run=run,
            collection=read.collection.name,
            defaults={
                "pages": read.pages,
                "holding": read.holding,
                "records": read.records,
                "fields": read.fields,
                "fallen": fallen,
            },
        )
        _settle(read, fallen, _seen(run, {}, now))


@transaction.atomic
def accept_falls(coverage_id: int, now: datetime) -> None:
    """What fell in a run is really gone, a person says: that is usual from this run on."""
    row = Coverage.objects.select_for_update().get(pk=coverage_id)
    row.fallen = {name: {"accepted": now.isoformat(), **fall} for name, fall in row.fallen.items()}
    row.save(update_fields=["fallen"])


def settle_accepted(coverage_id: int, now: datetime) -> None:
    """Take away what was held and is accepted to be gone. If nobody does, the next run does."""
    row = Coverage.objects.select_related("run").filter(pk=coverage_id).first()
    for read in read_of(row.run) if row is not None else ():
        if row is not None and read.collection.name == row.collection:
            _settle(read, row.falls, _seen(row.run, row.fallen, now))


def earlier(run: Run, collection: str) -> list[Coverage]:
    """The coverage of the last runs of the seed before this one, the newest first."""
    rows = Coverage.objects.filter(run__seed=run.seed_id, run__lt=run.pk, collection=collection)
    return list(rows.order_by("-run_id")[:RUNS])


def usual_counts(before: Sequence[Coverage], name: str) -> list[Count]:
    """What is usual of a field, or of a collection as :data:`WHOLE`, by earlier runs, the newest first.

    Runs in which it had fallen already show nothing of that, but one with which a person was content does,
    and then all that was before it says nothing more.
    """
    counts: list[Count] = []
    for row in before:
        if name not in row.falls:
            counts.append(_count(row, name))
        if name in row.fallen and name not in row.falls:
            break
    return counts


def _fallen(read: Read, before: Sequence[Coverage], ended: datetime) -> dict[str, Any]:
    """What fell."""
    fallen: dict[str, Any] = {}
    counts = {name: Count(filled, read.records) for name, (filled, _) in read.fields.items()}
    for name, count in {WHOLE: Count(read.holding, read.pages), **counts}.items():
        usual = usual_counts(before, name)
        still = not count.of and bool(usual) and name in before[0].falls  # nothing was read that could tell
        if still or has_fallen(count, usual):
            since = before[0].falls.get(name, {}).get("since", ended.isoformat())
            fallen[name] = {"since": since, "pages": read.examples[name]}
    return fallen


def _count(row: Coverage, name: str) -> Count:
    if name == WHOLE:
        return Count(row.holding, row.pages)
    filled, _ = row.fields.get(name, (0, 0))
    return Count(filled, row.records if name in row.fields else 0)


def _seen(run: Run, fallen: dict[str, Any], now: datetime) -> Seen:
    """It is news if the rules of the run had read the seed well before: else they are why it is no more."""
    since = [datetime.fromisoformat(fall["since"]) for fall in fallen.values()]
    return Seen(run.pk, now, rules_known(run, min(since, default=run.finished_at)))


def _settle(read: Read, fallen: Collection[str], seen: Seen) -> None:
    """Take away what did not fall: records of pages that are empty indeed, and values that are no more."""
    if WHOLE in fallen:
        return
    _in_slices(read.doubtful, lambda pages: _leave(read.collection.name, pages, seen))
    names = read.held.keys() - set(fallen)
    pages = sorted({page for name in names for page in read.held[name]})
    _in_slices(pages, lambda part: _let_go(read.collection.name, part, names, seen))


def _in_slices(page_ids: Sequence[int], do: Callable[[Sequence[int]], None]) -> None:
    for start in range(0, len(page_ids), SLICE):
        do(page_ids[start : start + SLICE])


@transaction.atomic
def _leave(name: str, page_ids: Sequence[int], seen: Seen) -> None:
    """Unless another run has read a page meanwhile and found records on it."""
    locked(page_ids)
    readings = latest_readings(Page.objects.filter(pk__in=page_ids))
    empty = [pk for pk, reading in readings.items() if not reading.data.get(name)]
    if Record.objects.filter(page__in=empty, collection=name, gone_at=None).exists():
        changes = Changes(seen.at)
        leave(dict.fromkeys(empty, seen), name, changes)
        changes.write_events()


@transaction.atomic
def _let_go(name: str, page_ids: Sequence[int], fields: Collection[str], seen: Seen) -> None:
    locked(page_ids)
    changes = Changes(seen.at)
    let_go(dict.fromkeys(page_ids, seen), name, fields, changes)
    changes.write_events()
