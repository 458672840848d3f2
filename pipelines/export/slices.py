"""Reading rows for exports in slices, each after the last key of the slice before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any

import msgspec
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable

from catalog.models import Reading, RuleSet, Run, Seed, Snapshot, Visit
from crawler.outcomes import Outcome
from crawler.reading.record import Value
from pipelines.export.columns import FieldType, Type, type_of
from pipelines.export.plain import json_text

SLICE = 500  # rows read at once
NEWEST = 2**63 - 1  # before all that belongs to a key
KEPT = (Outcome.STORED, Outcome.UNCHANGED)
Row = dict[str, Any]
Values = tuple[Any, ...]
Columns = tuple[str | Combinable, ...]
Fields = dict[str, Value]


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where reading goes on: after a key, in a seed (and a collection) or a run's visits with an outcome.

    With ``below``, within what belongs to that key: before the row with this key of its own.
    """

    seed: int = 0
    run: int = 0
    outcome: int = 0
    after: int = 0
    collection: str = ""
    below: int = 0


Slices = Iterator[tuple[list[Row], Place]]
"""Rows in parts, each with the place after it."""


def fields_of_run(run: Run) -> Iterator[FieldType]:
    """The fields of the rules that a run has frozen, with their types."""
    return _fields(collection.plain() for collection in run.policy.collections)


def fields_of_seeds(seed: Seed | None) -> Iterator[FieldType]:
    """By the rules that are in force, and by all earlier ones, the newest first; without a seed, of all."""
    seeds = Seed.objects.alive().order_by("pk") if seed is None else [seed]
    earlier = RuleSet.objects.filter(seed__deleted_at=None) if seed is None else seed.rule_sets.all()
    in_force = (collection.plain() for each in seeds for collection in each.policy().collections)
    rules = earlier.order_by("seed_id", "-in_force_since").values_list("rules", flat=True)
    return _fields(chain(in_force, chain.from_iterable(rules)))


def _fields(collections: Iterable[dict[str, Any]]) -> Iterator[FieldType]:
    """Of collections in their plain form; what an extractor in Python reads has no names before."""
    for each in collections:
        for field in each.get("fields", ()):
            yield FieldType(field["name"], type_of(field))
        if each.get("extractor"):
            yield FieldType("", Type.NESTED)


def names_of(fields: Iterable[FieldType]) -> tuple[str, ...]:
    """The names of fields, each once."""
    return tuple(dict.fromkeys(field.name for field in fields if field.name))


def read_slices(queryset: QuerySet[Any], columns: Columns, after: int) -> Iterator[list[Values]]:
    """The queryset's columns in slices by primary key, which comes first in each row.

    Each slice starts after the last key of the slice before.
    """
    ordered = queryset.order_by("pk").values_list("pk", *columns)
    while rows := list(ordered.filter(pk__gt=after)[:SLICE]):
        yield rows
        if len(rows) < SLICE:
            return
        after = rows[-1][0]


def below(
    children: QuerySet[Any], parent: str, parents: Sequence[int], columns: Columns, begin: Place
) -> Iterator[Values]:
    """Rows that belong to others: by ``parent``, a column with the key of one of these, the newest first.

    Each starts with that key and its own. ``begin`` may be within what belongs to a key.
    """
    ordered = children.filter(**{f"{parent}__in": parents}).order_by(parent, "-pk")
    rows = ordered.values_list(parent, "pk", *columns)
    last, before = (begin.after, begin.below) if begin.below else (0, 0)
    while True:
        later = Q(**{f"{parent}__gt": last}) | Q(**{parent: last, "pk__lt": before})
        part = list(rows.filter(later)[:SLICE])
        yield from part
        if len(part) < SLICE:
            return
        last, before = part[-1][:2]


def in_slices(rows: Iterator[tuple[Row, Place]]) -> Slices:
    """Rows that each come with the place after them, in parts."""
    while some := list(islice(rows, SLICE)):
        yield [row for row, _ in some], some[-1][1]


def read_visits(
    run: Run, outcomes: Sequence[Outcome], columns: Columns, begin: Place
) -> Iterator[tuple[list[Values], Place]]:
    """Visits by outcome and key, which is the order of an index."""
    visits = Visit.objects.filter(run=run, state=Visit.State.DONE)
    for outcome in sorted(outcomes):
        if outcome >= begin.outcome:
            after = begin.after if outcome == begin.outcome else 0
            for part in read_slices(visits.filter(outcome=outcome), columns, after):
                yield part, Place(run.seed_id, run.pk, outcome, part[-1][0])


def read_by(run: Run) -> Combinable:
    """Of a visit, the text of what the run's own rules read, even if others read its version later."""
    readings = Reading.objects.filter(snapshot=OuterRef("snapshot"), rule_set=run.rule_set_id)
    return json_text(Subquery(readings.values("data")[:1]))


def content_hashes(versions: Iterable[int]) -> dict[int, str]:
    """By version, the checksum of the body as it was stored; those that have been pruned have none."""
    return dict(Snapshot.objects.filter(pk__in=set(versions)).values_list("pk", "digest"))


def ordered(data: Fields | None, names: tuple[str, ...]) -> Fields:
    """The fields in the order of the rules, which a jsonb column does not keep."""
    if not data or tuple(data) == names:
        return data or {}
    return {name: data[name] for name in (*names, *data) if name in data}


def moment_text(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC with milliseconds."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
