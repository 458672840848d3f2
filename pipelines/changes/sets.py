"""Which change sets hold something, and the rows of some of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import Exact, IsNull

from catalog.models import ChangeSet, Page, Record, Seed
from pipelines.changes.cursor import Of

SETS = 200  # change sets that are read at once
COUNTED = 50  # change sets whose rows are counted at once
LOOKED_AT = 2_000  # change sets that one statement looks at, to find those that hold something of a seed
SLICE = 500  # rows that are read at once, of one large set or of several small ones


class NumberedSet(NamedTuple):
    """A change set that has its number."""

    pk: int
    number: int


def numbered_sets(first: int, last: int, seed: Seed | None) -> list[NumberedSet]:
    """The next sets that may hold something of a seed."""
    sets = ChangeSet.objects.filter(number__gte=first, number__lte=last).order_by("number")
    if seed is not None:
        sets = sets.filter(_holds(Page, seed) | _holds(Record, seed))
    return [NumberedSet(pk, number) for pk, number in sets.values_list("pk", "number")[:SETS] if number]


def groups(sets: Sequence[NumberedSet], seed: Seed | None) -> Iterator[list[NumberedSet]]:
    """Sets that follow each other and have as many rows as are read at once; a larger one is alone."""
    for first in range(0, len(sets), COUNTED):
        some = sets[first : first + COUNTED]
        rows = _counts(some, seed)
        group: list[NumberedSet] = []
        for each in some:
            if group and sum(rows[one.pk] for one in (*group, each)) > SLICE:
                yield group
                group = []
            group.append(each)
        yield group


def _counts(sets: Sequence[NumberedSet], seed: Seed | None) -> Counter[int]:
    """How many rows of a seed, or of all, are in each set."""
    counts: Counter[int] = Counter()
    for model in (Page, Record):
        rows = model._default_manager.filter(changed_in__in=[each.pk for each in sets])
        of_seed = rows if seed is None else rows.filter(seed=seed)
        counts.update(dict(of_seed.order_by().values_list("changed_in").annotate(count=Count("pk"))))
    return counts


def _holds(model: type[Page | Record], seed: Seed) -> Q:
    """Whether a set holds a row of the seed.

    The first one instead of EXISTS: of that PostgreSQL might make a list of all sets of the seed first.
    """
    rows = model._default_manager.filter(seed=seed, changed_in=OuterRef("pk")).order_by()
    return Q(IsNull(Subquery(rows.values("seed")[:1]), False))


def _pages(sets: Sequence[int], seed: Seed | None) -> QuerySet[Page]:
    pages = _of_seed(Page.objects.all(), sets, seed).select_related("seed", "new_in", "latest")
    return pages.defer("latest__text_zstd", "latest__outlinks_zstd")


def _records(sets: Sequence[int], seed: Seed | None) -> QuerySet[Record]:
    return _of_seed(Record.objects.all(), sets, seed).select_related("seed", "new_in", "page")


def _of_seed(rows: QuerySet[Any], sets: Sequence[int], seed: Seed | None) -> QuerySet[Any]:
    rows = rows.filter(changed_in__in=sets) if len(sets) > 1 else rows.filter(changed_in=sets[0])
    if seed is None:
        return rows.filter(seed__deleted_at=None)
    # A sum, which no index serves: else SQLite goes through all rows of the seed, not those of the sets.
    return rows.filter(Exact(F("seed_id") + 0, seed.pk))


ROWS: dict[Of, Callable[[Sequence[int], Seed | None], QuerySet[Any]]] = {
    Of.PAGE: _pages,
    Of.RECORD: _records,
}
"""By kind: the rows of a seed, or of all seeds, that some sets hold, in no order."""
