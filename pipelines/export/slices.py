"""Reading rows for exports in slices, each after the last key of the slice before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import msgspec
from django.db.models import OuterRef, QuerySet, Subquery

from catalog.models import Reading, RuleSet, Run, Seed, Visit
from crawler.outcomes import Outcome
from crawler.reading.record import Value

SLICE = 500  # rows read at once
KEPT = (Outcome.STORED, Outcome.UNCHANGED)
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


def names_of_run(run: Run) -> tuple[str, ...]:
    return tuple(field.name for collection in run.policy.collections for field in collection.fields)


def names_of_seeds(seed: Seed | None) -> Iterator[str]:
    """By the rules that are in force, and by all earlier ones, the newest first; without a seed, of all."""
    seeds = Seed.objects.alive().order_by("pk") if seed is None else [seed]
    earlier = RuleSet.objects.filter(seed__deleted_at=None) if seed is None else seed.rule_sets.all()
    in_force = (field.name for each in seeds for of in each.policy().collections for field in of.fields)
    rules = earlier.order_by("seed_id", "-in_force_since").values_list("rules", flat=True)
    collections = chain.from_iterable(rules)
    return chain(in_force, (field["name"] for each in collections for field in each["fields"]))


def read_slices(queryset: QuerySet[Any], columns: tuple[str, ...], after: int) -> Iterator[list[Row]]:
    """The queryset's columns in slices by primary key: each starts after the last key of the slice before."""
    ordered = queryset.order_by("pk").values("pk", *columns)
    while rows := list(ordered.filter(pk__gt=after)[:SLICE]):
        yield rows
        if len(rows) < SLICE:
            return
        after = rows[-1]["pk"]


def read_visits(run: Run, outcomes: Sequence[Outcome], columns: tuple[str, ...], begin: Place) -> Slices:
    """Visits by outcome and key, which is the order of an index.

    ``data`` is what the run's own rules read, even if others read these versions later.
    """
    readings = Reading.objects.filter(snapshot=OuterRef("snapshot"), rule_set=run.rule_set_id)
    visits = Visit.objects.filter(run=run, state=Visit.State.DONE)
    visits = visits.annotate(data=Subquery(readings.values("data")[:1]))
    for outcome in sorted(outcomes):
        if outcome >= begin.outcome:
            after = begin.after if outcome == begin.outcome else 0
            for part in read_slices(visits.filter(outcome=outcome), columns, after):
                yield part, Place(run.seed_id, run.pk, outcome, part[-1]["pk"])


def ordered(data: Fields | None, names: tuple[str, ...]) -> Fields:
    """The fields in the order of the rules, which a jsonb column does not keep."""
    if not data:
        return {}
    return {name: data[name] for name in (*names, *data) if name in data}


def moment_text(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC with milliseconds."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
