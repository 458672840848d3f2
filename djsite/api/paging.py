"""Lists in parts: at most 500 rows an answer, and an opaque cursor that leads to those that follow."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated, Any

from django.db.models import Q, QuerySet
from ninja import Query
from ninja.schema import Schema
from pydantic import Field

from djsite.api.problems import Problem, field_refused
from djsite.desk.read.keyset import M, Slice, cut

MOST = 500
Id = Annotated[int, Field(ge=1, le=2**63 - 1)]


class Part(Schema):
    """Which part of a list is wanted."""

    limit: int = Field(100, ge=1, le=MOST, description="Rows in an answer, at most.")
    cursor: str = Field(
        "", max_length=1000, description="“next_cursor” of the answer before; without it, the beginning."
    )


Parts = Annotated[Part, Query()]


class Listed(Schema):
    """A part of a list. A search that looked far and found little may have few rows, or none, and go on."""

    next_cursor: str | None = Field(description="Leads to the rows that follow; null at the end.")


def cut_part(rows: QuerySet[M], part: Part, *, order: str = "-id", search: Q | None = None) -> Slice[M]:
    """The part of a list that is wanted, by the keyset of the site's lists.

    Raises:
        Problem: the cursor is none, or that of a list in another order.
    """
    found = cut(rows, place_of(part, order), order=order, size=part.limit, search=search)
    return checked(found, part)


def place_of(part: Part, order: str) -> str:
    """The place of a cursor, empty for the beginning. Raises Problem for one of a list in another order."""
    return _place(part.cursor, order) if part.cursor else ""


def checked(found: Slice[M], part: Part) -> Slice[M]:
    """A slice that begins where its cursor says. Raises Problem if it is the beginning instead."""
    if part.cursor and found.first:
        raise bad_cursor()
    return found


def next_cursor(part: Slice[Any], order: str = "-id") -> str | None:
    """The cursor of the rows after a slice, as callers get it; None at the end."""
    if not part.following:
        return None
    plain = json.dumps([order, part.following]).encode()
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")


def _place(cursor: str, order: str) -> str:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        kept = json.loads(base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True))
    except (binascii.Error, UnicodeError, ValueError):
        raise bad_cursor() from None
    match kept:
        case [str(of), str(place)] if of == order:
            return place
        case _:
            raise bad_cursor()


def bad_cursor() -> Problem:
    """The problem that a cursor is none of this call."""
    return field_refused("cursor", "cursor must be “next_cursor” of an answer to the same call, unchanged.")
