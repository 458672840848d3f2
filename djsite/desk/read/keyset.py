"""Keyset pagination: the next slice begins after the last row seen, so late pages cost as much as the first.

Orders by one column and the primary key, both in the same direction; the column needs an index.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Case, Field, Model, Q, QuerySet, When
from django.db.models.lookups import Exact

M = TypeVar("M", bound=Model)
SIZE = 50
SEARCHED = 10_000  # rows that a search looks at before it asks whether to go on


@dataclass(frozen=True)
class Slice(Generic[M]):
    """Some rows, the cursor of those that follow (empty at the end), and whether these are the first.

    ``searched``: the search stopped before it had found enough; it goes on from ``following``.
    """

    rows: list[M]
    following: str
    first: bool
    searched: int = 0

    @property
    def more(self) -> bool:
        """Whether there is anything to page through."""
        return bool(self.following) or not self.first


def cut(
    queryset: QuerySet[M],
    cursor: str = "",
    *,
    order: str = "-id",
    size: int = SIZE,
    search: Q | None = None,
    most: int | None = None,
) -> Slice[M]:
    """The slice of ``queryset`` that begins after ``cursor``; a cursor that makes no sense means the start.

    ``order`` is a column, with a minus for newest first. ``search`` is a condition that no index serves: it
    is applied to the next ``most`` rows only (:data:`SEARCHED`), so that a rare match cannot make the page
    slow.
    """
    most = most or SEARCHED
    field, sign = order.lstrip("-"), "-" if order.startswith("-") else ""
    after = _condition(queryset, field, "lt" if sign else "gt", cursor)
    ordered = _bounded(queryset.order_by(*dict.fromkeys((order, f"{sign}pk"))), after)
    horizon = ""
    if search is not None:
        horizon_rows = list(ordered.values_list(field, "pk")[most - 1 : most])
        horizon = _cursor(*horizon_rows[0]) if horizon_rows else ""
        within = _condition(queryset, field, "gt" if sign else "lt", horizon, inclusive=True)
        ordered = _bounded(ordered, within).filter(_without_index(search))
    rows = list(ordered[: size + 1])
    if len(rows) > size:
        last_row = rows[size - 1]
        return Slice(rows[:size], _cursor(getattr(last_row, field), last_row.pk), first=after is None)
    return Slice(rows, horizon, first=after is None, searched=most if horizon else 0)


def _bounded(queryset: QuerySet[M], bound: Q | None) -> QuerySet[M]:
    """With a bound before all other conditions.

    Of several bounds on a column SQLite uses the one that is written first (3.40): it has to be ours, which
    is the narrowest. By another it would walk all rows of a month to find those of the last minute.
    """
    if bound is None:
        return queryset
    before = len(queryset.query.where.children)
    bounded = queryset.filter(bound)
    conditions = bounded.query.where.children
    bounded.query.where.children = [*conditions[before:], *conditions[:before]]
    return bounded


def _without_index(search: Q) -> Q:
    """A condition in a form in which no database looks for an index that serves it instead of the order."""
    return Q(Exact(Case(When(search, then=1), default=0), 1)) if search else search


def _cursor(value: Any, key: Any) -> str:
    return f"{value.isoformat() if isinstance(value, datetime) else value}~{key}"


def _condition(
    queryset: QuerySet[M], field: str, beyond: str, cursor: str, *, inclusive: bool = False
) -> Q | None:
    """``(field, pk) < (value, key)``, written so that databases use the index of ``field`` for the range."""
    value, tilde, key = cursor.rpartition("~")
    if not tilde or not key.isdecimal() or len(key) > 18:
        return None
    column = queryset.model._meta.get_field(field)
    assert isinstance(column, Field)
    try:
        bound: Any = column.to_python(value)
    except (ValidationError, ValueError, OverflowError):
        return None
    if bound is None:
        return None
    return Q(**{f"{field}__{beyond}e": bound}) & (
        Q(**{f"{field}__{beyond}": bound}) | Q(**{f"pk__{beyond}{'e' if inclusive else ''}": int(key)})
    )
