"""What an export holds: plain rows, read in slices by primary key, so that memory stays constant.

With a run, the rows are that run's visits, with the fields by its own rules. Without a run, they are the
current state of every page or record of a seed (or of all seeds): of a page the latest version, as last
confirmed, with the fields by the newest rules; of a record its values, and whether it is gone.
``every_outcome`` adds what was redirected, failed or skipped; without a run, in the seed's latest run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from django.db.models import OuterRef, Subquery

from catalog.models import Export, Reading, Run, Seed, Visit
from crawler.collections import PAGES
from crawler.outcomes import Outcome
from crawler.reading.verdicts import kinds
from crawler.rules.keys import Keys
from pipelines.export.record_slices import all_records, run_records
from pipelines.export.slices import (
    KEPT,
    Fields,
    Place,
    Row,
    Slices,
    moment_text,
    names_of_run,
    names_of_seeds,
    ordered,
    read_slices,
    read_visits,
)

PAGE_COLUMNS = (
    *("url", "final_url", "status", "outcome", "reason", "verdict", "evidence", "depth", "content_type"),
    *("fetched_at", "seed", "title", "fields"),
)
RECORD_COLUMNS = (
    *("url", "collection", "key", "position", "first_seen_at", "last_seen_at", "last_changed_at", "gone_at"),
    *("seed", "fields"),
)
RUN_RECORD_COLUMNS = ("url", "collection", "position", "fetched_at", "seed", "run", "fields")
NOT_KEPT = tuple(outcome for outcome in Outcome if outcome not in KEPT)


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
        return _of_run(RUN_RECORD_COLUMNS, run, lambda place: run_records(run, place))
    return _of_seeds(RECORD_COLUMNS, seed, all_records)


def _of_run(columns: tuple[str, ...], run: Run, read: Callable[[Place], Slices]) -> Rows:
    return Rows(columns, read, lambda: names_of_run(run))


def _of_seeds(columns: tuple[str, ...], seed: Seed | None, read: Callable[[Seed, Place], Slices]) -> Rows:
    def slices(place: Place) -> Slices:
        left = Seed.objects.alive().filter(pk__gte=place.seed).order_by("pk")
        for each in left if seed is None else [seed]:
            yield from read(each, place if each.pk == place.seed else Place())

    return Rows(columns, slices, lambda: names_of_seeds(seed))


def _latest_runs(seed: Seed) -> list[Run]:
    """The run that is open, if one is, and the last that finished; newest first."""
    return list(Run.objects.started().filter(seed=seed).order_by("-pk")[:2])


_VISIT = (
    *("url", "outcome", "reason", "detail", "status", "depth", "content_type", "fetched_at", "location"),
    *("page__url", "snapshot__title", "snapshot__content_type", "data"),
)


def _visit_slices(run: Run, outcomes: Sequence[Outcome], begin: Place) -> Slices:
    names, seed, keys, verdicts = names_of_run(run), run.seed.name, Keys.of(run.policy), frozenset(kinds())
    for part, place in read_visits(run, outcomes, _VISIT, begin):
        rows = [
            {
                "url": row["page__url"] or keys.canonical(row["url"]),
                "final_url": row["location"] or row["url"],
                "status": row["status"],
                "outcome": Outcome(row["outcome"]).label,
                "reason": row["reason"],
                **_verdict_on(row, verdicts),
                "depth": row["depth"],
                "content_type": row["content_type"] or row["snapshot__content_type"] or None,
                "fetched_at": moment_text(row["fetched_at"]),
                "seed": seed,
                "title": row["snapshot__title"],
                "fields": _of_page(row["data"], names),
            }
            for row in part
        ]
        yield rows, place


def _verdict_on(visit: Row, verdicts: frozenset[str]) -> Row:
    """What the answer was instead of a page, and what shows it."""
    judged = visit["reason"] in verdicts
    return {"verdict": visit["reason"] if judged else None, "evidence": visit["detail"] if judged else None}


_STATE = (
    *("url", "fingerprint", "last_fetched_at", "latest__fetched_at", "latest__final_url", "latest__status"),
    *("latest__content_type", "latest__title", "data"),
)


def _state_slices(seed: Seed, after: int) -> Slices:
    names, runs = tuple(names_of_seeds(seed)), _latest_runs(seed)
    readings = Reading.objects.filter(snapshot=OuterRef("latest")).newest_first()
    pages = seed.pages.annotate(data=Subquery(readings.values("data")[:1]))
    for part in read_slices(pages, _STATE, after):
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
        "verdict": None,
        "evidence": None,
        "depth": depth,
        "content_type": row["latest__content_type"] or None,
        "fetched_at": moment_text(row["last_fetched_at"]),
        "seed": seed,
        "title": row["latest__title"],
        "fields": _of_page(row["data"], names),
    }


def _depths(runs: Iterable[Run], fingerprints: list[int]) -> dict[int, int]:
    """Depth by fingerprint in the latest runs; the newest counts."""
    visits = Visit.objects.filter(run__in=list(runs), fingerprint__in=fingerprints)
    return dict(visits.order_by("run_id").values_list("fingerprint", "depth"))


def _of_page(data: dict[str, list[Fields]] | None, names: tuple[str, ...]) -> Fields:
    """The fields of the page itself: its one record of the collection of that name."""
    records = (data or {}).get(PAGES)
    return ordered(records[0] if records else None, names)
