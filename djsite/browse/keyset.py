"""Keyset pagination: the next slice begins after the last row seen, so deep pages cost what the first does.

Orders by one column and the primary key, both in the same direction; the column needs an index.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet

M = TypeVar("M", bound=Model)
SIZE = 50


@dataclass(frozen=True)
class Slice(Generic[M]):
    """Some rows, the cursor of those that follow (empty at the end), and whether these are the first."""

    rows: list[M]
    following: str
    first: bool

    @property
    def more(self) -> bool:
        """Whether there is anything to page through."""
        return bool(self.following) or not self.first


def cut(queryset: QuerySet[M], cursor: str = "", *, order: str = "-id", size: int = SIZE) -> Slice[M]:
    """The slice of ``queryset`` that begins after ``cursor``; a cursor that makes no sense means the start.

    ``order`` is a column, with a minus for newest first.
    """
    field, sign = order.lstrip("-"), "-" if order.startswith("-") else ""
    after = _condition(queryset, field, "lt" if sign else "gt", cursor)
    if after is not None:
        queryset = queryset.filter(after)
    rows = list(queryset.order_by(*dict.fromkeys((order, f"{sign}pk")))[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return Slice(rows, _cursor(rows[-1], field) if more else "", first=after is None)


def _cursor(row: Model, field: str) -> str:
    value = getattr(row, field)
    return f"{value.isoformat() if isinstance(value, datetime) else value}~{row.pk}"


def _condition(queryset: QuerySet[M], field: str, beyond: str, cursor: str) -> Q | None:
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
        Q(**{f"{field}__{beyond}": bound}) | Q(**{f"pk__{beyond}": int(key)})
    )
