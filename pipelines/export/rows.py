"""What an export holds: plain rows, read in slices by primary key, so that memory stays constant.

With a run, the rows are that run's visits, with the fields by its own rules. Without a run, they are the
current state of every page or record of a seed (or of all seeds): of a page the latest version, as last
confirmed, with the fields by the newest rules; of a record its values, and whether it is gone.
``every_outcome`` adds what was redirected, failed or skipped; without a run, in the seed's latest run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import chain
from typing import Any

import msgspec
from django.db.models import OuterRef, QuerySet, Subquery

from catalog.models import Export, Reading, Record, RuleSet, Run, Seed, Visit
from crawler.collections import PAGES
from crawler.outcomes import Outcome
from crawler.reading.record import Value
from crawler.rules.keys import Keys

SLICE = 500  # rows read at once
PAGE_COLUMNS = (
    *("url", "final_url", "status", "outcome", "reason", "depth", "content_type", "fetched_at"),
    *("seed", "title", "fields"),
)
RECORD_COLUMNS = (
    *("url", "collection", "key", "position", "first_seen_at", "last_seen_at", "last_changed_at", "gone_at"),
    *("seed", "fields"),
)
RUN_RECORD_COLUMNS = ("url", "collection", "position", "fetched_at", "seed", "run", "fields")
KEPT = (Outcome.STORED, Outcome.UNCHANGED)
NOT_KEPT = tuple(outcome for outcome in Outcome if outcome not in KEPT)

Row = dict[str, Any]
Fields = dict[str, Value]


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where reading goes on: after a key, in a seed (and a collection) or a run's visits with an outcome."""

    seed: int = 0
    run: int = 0
    outcome: int = 0
    after: int = 0
    collection: str = ""


Slices = Iterator[tuple[list[Row], Place]]
"""Rows in parts, each with the place after it."""


@dataclass(frozen=True)
class Rows:
    """Rows that can be read from any place on, each time from the database, always in the same order."""

    columns: tuple[str, ...]
    slices: Callable[[Place], Slices]
    names: Callable[[], Iterable[str]]

    def __iter__(self) -> Iterator[Row]:
        return chain.from_iterable(rows for rows, _ in self.slices(Place()))

    @cached_property
    def field_names(self) -> list[str]:
        """All names that fields may have, those of the rules in force first. No row has to be read."""
        return list(dict.fromkeys(self.names()))


def rows_of(
    kind: str, seed: Seed | None = None, run: Run | None = None, *, every_outcome: bool = False
) -> Rows:
    """The rows of a ``kind``, one of :class:`Export.Kind`; records exist of stored versions only."""
    if kind == Export.Kind.RECORDS:
        return record_rows(seed, run)
    return page_rows(seed, run, every_outcome=every_outcome)


def page_rows(seed: Seed | None = None, run: Run | None = None, *, every_outcome: bool = False) -> Rows:
    """Rows of :data:`PAGE_COLUMNS`: of a run, else of a seed, else of all seeds."""
    if run is not None:
        outcomes = tuple(Outcome) if every_outcome else KEPT
        return _of_run(PAGE_COLUMNS, run, lambda place: _visit_slices(run, outcomes, place))

    def read(seed: Seed, place: Place) -> Slices:
        if not place.run:
            yield from _state_slices(seed, place.after)
        if every_outcome:
            for latest in Run.objects.filter(pk=place.run) if place.run else _latest_runs(seed)[:1]:
                yield from _visit_slices(latest, NOT_KEPT, place)

    return _of_seeds(PAGE_COLUMNS, seed, read)


def record_rows(seed: Seed | None = None, run: Run | None = None) -> Rows:
    """Rows of :data:`RUN_RECORD_COLUMNS`: what a run's rules read from the pages that it stored or found
    unchanged. Without a run, rows of :data:`RECORD_COLUMNS`: the records as they are, gone ones too.
    """
    if run is not None:
        return _of_run(RUN_RECORD_COLUMNS, run, lambda place: _run_records(run, place))
    return _of_seeds(RECORD_COLUMNS, seed, _all_records)


def _of_run(columns: tuple[str, ...], run: Run, read: Callable[[Place], Slices]) -> Rows:
    return Rows(columns, read, lambda: _names_of_run(run))


def _of_seeds(columns: tuple[str, ...], seed: Seed | None, read: Callable[[Seed, Place], Slices]) -> Rows:
    def slices(place: Place) -> Slices:
        left = Seed.objects.alive().filter(pk__gte=place.seed).order_by("pk")
        for each in left if seed is None else [seed]:
            yield from read(each, place if each.pk == place.seed else Place())

    return Rows(columns, slices, lambda: _names_of_seeds(seed))


def _names_of_run(run: Run) -> tuple[str, ...]:
    return tuple(field.name for collection in run.policy.collections for field in collection.fields)


def _names_of_seeds(seed: Seed | None) -> Iterator[str]:
    """By the rules that are in force, and by all earlier ones, the newest first; without a seed, of all."""
    seeds = Seed.objects.alive().order_by("pk") if seed is None else [seed]
    earlier = RuleSet.objects.filter(seed__deleted_at=None) if seed is None else seed.rule_sets.all()
    in_force = (field.name for each in seeds for of in each.policy().collections for field in of.fields)
    rules = earlier.order_by("seed_id", "-in_force_since").values_list("rules", flat=True)
    collections = chain.from_iterable(rules)
    return chain(in_force, (field["name"] for each in collections for field in each["fields"]))


def _latest_runs(seed: Seed) -> list[Run]:
    """The run that is open, if one is, and the last that finished; newest first."""
    return list(Run.objects.started().filter(seed=seed).order_by("-pk")[:2])


def _read(queryset: QuerySet[Any], columns: tuple[str, ...], after: int) -> Iterator[list[Row]]:
    """The queryset's columns in slices by primary key: each starts after the last key of the slice before."""
    ordered = queryset.order_by("pk").values("pk", *columns)
    while rows := list(ordered.filter(pk__gt=after)[:SLICE]):
        yield rows
        if len(rows) < SLICE:
            return
        after = rows[-1]["pk"]


_VISIT = (
    *("url", "outcome", "reason", "status", "depth", "content_type", "fetched_at", "location"),
    *("page__url", "snapshot__title", "snapshot__content_type", "data"),
)


def _visit_slices(run: Run, outcomes: Sequence[Outcome], begin: Place) -> Slices:
    names, seed, keys = _names_of_run(run), run.seed.name, Keys.of(run.policy)
    for part, place in _visits(run, outcomes, _VISIT, begin):
        rows = [
            {
                "url": row["page__url"] or keys.canonical(row["url"]),
                "final_url": row["location"] or row["url"],
                "status": row["status"],
                "outcome": Outcome(row["outcome"]).label,
                "reason": row["reason"],
                "depth": row["depth"],
                "content_type": row["content_type"] or row["snapshot__content_type"] or None,
                "fetched_at": _moment(row["fetched_at"]),
                "seed": seed,
                "title": row["snapshot__title"],
                "fields": _of_page(row["data"], names),
            }
            for row in part
        ]
        yield rows, place


def _visits(run: Run, outcomes: Sequence[Outcome], columns: tuple[str, ...], begin: Place) -> Slices:
    """Visits by outcome and key, which is the order of an index.

    ``data`` is what the run's own rules read, even if others read these versions later.
    """
    readings = Reading.objects.filter(snapshot=OuterRef("snapshot"), rule_set=run.rule_set_id)
    visits = Visit.objects.filter(run=run, state=Visit.State.DONE)
    visits = visits.annotate(data=Subquery(readings.values("data")[:1]))
    for outcome in sorted(outcomes):
        if outcome >= begin.outcome:
            after = begin.after if outcome == begin.outcome else 0
            for part in _read(visits.filter(outcome=outcome), columns, after):
                yield part, Place(run.seed_id, run.pk, outcome, part[-1]["pk"])


_STATE = (
    *("url", "fingerprint", "last_fetched_at", "latest__fetched_at", "latest__final_url", "latest__status"),
    *("latest__content_type", "latest__title", "data"),
)


def _state_slices(seed: Seed, after: int) -> Slices:
    names, runs = tuple(_names_of_seeds(seed)), _latest_runs(seed)
    readings = Reading.objects.filter(snapshot=OuterRef("latest"), rule_set=OuterRef("rule_set"))
    pages = seed.pages.annotate(data=Subquery(readings.values("data")[:1]))
    for part in _read(pages, _STATE, after):
        depths = _depths(runs, [row["fingerprint"] for row in part])
        rows = [_state_row(row, seed.name, depths.get(row["fingerprint"]), names) for row in part]
        yield rows, Place(seed.pk, after=part[-1]["pk"])


def _state_row(row: Row, seed: str, depth: int | None, names: tuple[str, ...]) -> Row:
    unchanged = row["latest__fetched_at"] is None or row["last_fetched_at"] > row["latest__fetched_at"]
    return {
        "url": row["url"],
        "final_url": row["latest__final_url"],
        "status": row["latest__status"],
        "outcome": (Outcome.UNCHANGED if unchanged else Outcome.STORED).label,
        "reason": None,
        "depth": depth,
        "content_type": row["latest__content_type"] or None,
        "fetched_at": _moment(row["last_fetched_at"]),
        "seed": seed,
        "title": row["latest__title"],
        "fields": _of_page(row["data"], names),
    }


def _depths(runs: Iterable[Run], fingerprints: list[int]) -> dict[int, int]:
    """Depth by fingerprint in the latest runs; the newest counts."""
    visits = Visit.objects.filter(run__in=list(runs), fingerprint__in=fingerprints)
    return dict(visits.order_by("run_id").values_list("fingerprint", "depth"))


_READ = ("page__url", "snapshot__fetched_at", "snapshot__run_id", "data")


def _run_records(run: Run, begin: Place) -> Slices:
    names, seed = _names_of_run(run), run.seed.name
    for part, place in _visits(run, KEPT, _READ, begin):
        yield [each for row in part for each in _read_rows(row, seed, names)], place


def _read_rows(row: Row, seed: str, names: tuple[str, ...]) -> Iterator[Row]:
    """A row for each record that was read from a version."""
    for collection, records in (row["data"] or {}).items():
        for position, values in enumerate(records):
            yield {
                "url": row["page__url"],
                "collection": collection,
                "position": position,
                "fetched_at": _moment(row["snapshot__fetched_at"]),
                "seed": seed,
                "run": row["snapshot__run_id"],
                "fields": _ordered(values, names),
            }


_RECORD = (
    *("page__url", "key", "position", "first_seen_at", "last_seen_at", "page__last_fetched_at"),
    *("last_changed_at", "gone_at", "values"),
)


def _all_records(seed: Seed, place: Place) -> Slices:
    """By collection and key, which is the order of an index."""
    names = tuple(_names_of_seeds(seed))
    records = Record.objects.filter(seed=seed)
    collection, after = place.collection, place.after
    while collection or (collection := _next_collection(records, "")):
        for part in _read(records.filter(collection=collection), _RECORD, after):
            rows = [_record_row(row, collection, seed.name, names) for row in part]
            yield rows, Place(seed.pk, after=part[-1]["pk"], collection=collection)
        collection, after = _next_collection(records, collection), 0
        if not collection:
            return


def _next_collection(records: QuerySet[Record], name: str) -> str:
    """The name of the next collection that has records; empty after the last."""
    later = records.filter(collection__gt=name).order_by("collection")
    return later.values_list("collection", flat=True).first() or ""


def _record_row(row: Row, collection: str, seed: str, names: tuple[str, ...]) -> Row:
    gone = row["gone_at"] is not None
    seen = row["last_seen_at"] if gone else max(row["last_seen_at"], row["page__last_fetched_at"])
    return {
        "url": row["page__url"],
        "collection": collection,
        "key": row["key"],
        "position": row["position"],
        "first_seen_at": _moment(row["first_seen_at"]),
        "last_seen_at": _moment(seen),
        "last_changed_at": _moment(row["last_changed_at"]),
        "gone_at": _moment(row["gone_at"]),
        "seed": seed,
        "fields": _ordered(row["values"], names),
    }


def _of_page(data: dict[str, list[Fields]] | None, names: tuple[str, ...]) -> Fields:
    """The fields of the page itself: its one record of the collection of that name."""
    records = (data or {}).get(PAGES)
    return _ordered(records[0] if records else None, names)


def _ordered(data: Fields | None, names: tuple[str, ...]) -> Fields:
    """The fields in the order of the rules, which a jsonb column does not keep."""
    if not data:
        return {}
    return {name: data[name] for name in (*names, *data) if name in data}


def _moment(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC with milliseconds."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
