"""The rows of pages.

With a run, they are that run's visits, with the fields by its own rules. Without a run, they are the current
state of every page of a seed (or of all seeds): the latest version, as last confirmed, with the fields by the
newest rules. ``every_outcome`` adds what was redirected, failed or skipped; without a run, in the seed's
latest run.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db.models import Case, F, IntegerField, OuterRef, Subquery, Value, When

from catalog.models import Reading, Run, Seed, Visit
from crawler.collections import PAGES
from crawler.outcomes import Outcome
from crawler.reading.verdicts import kinds
from crawler.rules.keys import Keys
from pipelines.export.as_of import PAGE, page_rows_at
from pipelines.export.plain import Moment, json_text
from pipelines.export.rows import Asked, Rows, of_run, of_seeds
from pipelines.export.slices import (
    KEPT,
    Fields,
    Place,
    Row,
    Slices,
    Values,
    fields_of_run,
    fields_of_seeds,
    names_of,
    ordered,
    read_by,
    read_slices,
    read_visits,
)

PAGE_COLUMNS = (
    *("url", "final_url", "status", "outcome", "reason", "verdict", "evidence", "depth", "content_type"),
    *("fetched_at", "seed", "title", "fields"),
)
PAGE_STATE_COLUMNS = (*PAGE_COLUMNS[:-1], "looks", "changes", "fields")  # of a page over all runs
NOT_KEPT = tuple(outcome for outcome in Outcome if outcome not in KEPT)
_LABELS: dict[int, str] = {outcome.value: outcome.label for outcome in Outcome}


class _Read(msgspec.Struct):
    """Of what was read from a version, the fields of the page itself: it has one record."""

    records: list[Fields] = msgspec.field(default_factory=list, name=PAGES)


_read = msgspec.json.Decoder(_Read).decode


def rows(asked: Asked) -> Rows:
    """The rows of pages that are asked for."""
    if (as_of := asked.as_of) is not None:
        return of_seeds(
            PAGE_STATE_COLUMNS, asked.seed, lambda seed, place: _past_slices(seed, as_of, place.after)
        )
    return page_rows(asked.seed, asked.run, every_outcome=asked.every_outcome)


def page_rows(seed: Seed | None = None, run: Run | None = None, *, every_outcome: bool = False) -> Rows:
    """Rows of :data:`PAGE_COLUMNS` of a run, else :data:`PAGE_STATE_COLUMNS` of a seed or of all."""
    if run is not None:
        outcomes = tuple(Outcome) if every_outcome else KEPT
        return of_run(PAGE_COLUMNS, run, lambda place: _visit_slices(run, outcomes, place))

    def read(seed: Seed, place: Place) -> Slices:
        if not place.run:
            yield from _state_slices(seed, place.after)
        if every_outcome:
            for latest in Run.objects.filter(pk=place.run) if place.run else _latest_runs(seed)[:1]:
                for rows, after in _visit_slices(latest, NOT_KEPT, place):
                    yield [{name: row.get(name) for name in PAGE_STATE_COLUMNS} for row in rows], after

    return of_seeds(PAGE_STATE_COLUMNS, seed, read)


def _latest_runs(seed: Seed, as_of: datetime | None = None) -> list[Run]:
    """The run that is open, if one is, and the last that finished; newest first."""
    runs = Run.objects.started().filter(seed=seed)
    return list((runs.filter(started_at__lte=as_of) if as_of else runs).order_by("-pk")[:2])


_VISIT = (
    *("url", "outcome", "reason", "detail", "status", "depth", "content_type", Moment("fetched_at")),
    *("location", "page__url", "snapshot__title", "snapshot__content_type"),
)


def _visit_slices(run: Run, outcomes: Sequence[Outcome], begin: Place) -> Slices:
    names, seed = names_of(fields_of_run(run)), run.seed.name
    keys, verdicts = Keys.of(run.policy), frozenset(kinds())

    def row(visit: Values) -> Row:
        _, url, outcome, reason, detail, status, depth, media, at, location, page, title, stored, data = visit
        judged = reason in verdicts  # what the answer was instead of a page, and what shows it
        return {
            "url": page or keys.canonical(url),
            "final_url": location or url,
            "status": status,
            "outcome": _LABELS[outcome],
            "reason": reason,
            "verdict": reason if judged else None,
            "evidence": detail if judged else None,
            "depth": depth,
            "content_type": media or stored or None,
            "fetched_at": at,
            "seed": seed,
            "title": title,
            "fields": _of_page(data, names),
        }

    for part, place in read_visits(run, outcomes, (*_VISIT, read_by(run)), begin):
        yield list(map(row, part)), place


_OUTCOME = Case(
    When(last_fetched_at__lte=F("latest__fetched_at"), then=Value(Outcome.STORED.value)),
    default=Value(Outcome.UNCHANGED.value),
    output_field=IntegerField(),
)
_STATE = (
    *("url", Moment("last_fetched_at"), _OUTCOME, "latest__final_url", "latest__status"),
    *("latest__content_type", "latest__title", "looks", "versions"),
)


def _state_slices(seed: Seed, after: int) -> Slices:
    names, owner = names_of(fields_of_seeds(seed)), seed.name
    readings = Reading.objects.filter(snapshot=OuterRef("latest")).newest_first()
    data = json_text(Subquery(readings.values("data")[:1]))

    def row(page: Values) -> Row:
        _, url, fetched, outcome, final_url, status, media, title, looks, versions, depth, data = page
        return {
            "url": url,
            "final_url": final_url,
            "status": status,
            "outcome": _LABELS[outcome],
            "reason": None,
            "verdict": None,
            "evidence": None,
            "depth": depth,
            "content_type": media or None,
            "fetched_at": fetched,
            "seed": owner,
            "title": title,
            "looks": max(looks, versions),  # earlier releases did not count them
            "changes": versions - 1,
            "fields": _of_page(data, names),
        }

    for part in read_slices(seed.pages.all(), (*_STATE, _depth(_latest_runs(seed)), data), after):
        yield list(map(row, part)), Place(seed.pk, after=part[-1][0])


def _depth(runs: Sequence[Run]) -> Subquery:
    """The depth of a page in the latest runs; the newest counts."""
    visits = Visit.objects.filter(run__in=[run.pk for run in runs], fingerprint=OuterRef("fingerprint"))
    return Subquery(visits.order_by("-run_id").values("depth")[:1])


def _past_slices(seed: Seed, as_of: datetime, after: int) -> Slices:
    names, depth = names_of(fields_of_seeds(seed)), _depth(_latest_runs(seed, as_of))
    for part in read_slices(seed.pages.filter(first_stored_at__lte=as_of), (*PAGE[1:], depth), after):
        pages = [dict(zip((*PAGE, "depth"), page, strict=True)) for page in part]
        rows = [_past_row(row, seed.name, names) for row in page_rows_at(pages, as_of)]
        yield rows, Place(seed.pk, after=part[-1][0])


def _past_row(row: Row, seed: str, names: tuple[str, ...]) -> Row:
    """How many looks there were is not known."""
    records = (row["data"] or {}).get(PAGES)
    whole = row | {"seed": seed, "fields": ordered(records[0] if records else None, names)}
    return {column: whole.get(column) for column in PAGE_STATE_COLUMNS}


def _of_page(data: str | None, names: tuple[str, ...]) -> Fields:
    """The fields of the page itself: its one record of the collection of that name."""
    records = _read(data).records if data else ()
    return ordered(records[0], names) if records else {}
