"""What an export holds: plain rows, read in slices by primary key, so that memory stays constant.

A module of :mod:`pipelines.export.kinds` reads each kind of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import chain

from catalog.kinds import KINDS
from catalog.models import Export, Run, Seed
from crawler.plugs import load
from pipelines.export.columns import Column, FieldType, columns_of
from pipelines.export.slices import Place, Row, Slices, fields_of_run, fields_of_seeds


@dataclass(frozen=True)
class Rows:
    """Rows that can be read from any place on, each time from the database, always in the same order."""

    names: tuple[str, ...]
    slices: Callable[[Place], Slices]
    fields: Callable[[], Iterable[FieldType]]

    def __iter__(self) -> Iterator[Row]:
        return chain.from_iterable(rows for rows, _ in self.slices(Place()))

    @cached_property
    def columns(self) -> list[Column]:
        """The columns of a file of them: fields of the rules in force come first. No row has to be read."""
        return columns_of(self.names, self.fields())


@dataclass(frozen=True)
class Asked:
    """Of what rows are wanted: of a run, else of a seed, else of all seeds."""

    seed: Seed | None = None
    run: Run | None = None
    every_outcome: bool = False  # failed, skipped and redirected visits too
    as_of: datetime | None = None  # as they were at a moment


def rows_of(
    kind: str,
    seed: Seed | None = None,
    run: Run | None = None,
    *,
    every_outcome: bool = False,
    as_of: datetime | None = None,
) -> Rows:
    """The rows of a ``kind``, a name of :mod:`catalog.kinds`, which says what goes together."""
    rows: Rows = load(KINDS[kind].module, ("rows",)).rows(Asked(seed, run, every_outcome, as_of))
    return rows


def rows_of_export(export: Export) -> Rows:
    """What an export asks for, which may have no row of its own."""
    every, as_of = export.every_outcome, export.as_of
    return rows_of(export.kind, export.seed, export.run, every_outcome=every, as_of=as_of)


def of_run(names: tuple[str, ...], run: Run, read: Callable[[Place], Slices]) -> Rows:
    """Rows of a run, with the fields of its rules."""
    return Rows(names, read, lambda: fields_of_run(run))


def of_seeds(names: tuple[str, ...], seed: Seed | None, read: Callable[[Seed, Place], Slices]) -> Rows:
    """Rows of a seed, or of one seed after another, with the fields of all their rules."""

    def slices(place: Place) -> Slices:
        left = Seed.objects.alive().filter(pk__gte=place.seed).order_by("pk")
        for each in left if seed is None else [seed]:
            yield from read(each, place if each.pk == place.seed else Place())

    return Rows(names, slices, lambda: fields_of_seeds(seed))
