"""Rereadings: stored pages read again by the rules of now, compared, and then used or dropped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from ninja.responses import Status
from ninja.schema import Schema
from pydantic import Field

from catalog.models import Rereading
from djsite.api.callers import may_change_seeds, may_look, user_of
from djsite.api.paging import Id, Listed, Parts, cut_part, next_cursor
from djsite.api.problems import Problem, field_refused
from djsite.api.rows import alive_seed, row_of
from djsite.desk import rereadings
from djsite.desk.audit import AnyUser
from djsite.desk.rereadings import NoRereading
from djsite.desk.rereadings.looking import list_rereadings, look_at
from djsite.desk.rereadings.words import words_of

router = Router()


class RereadingShape(Schema):
    """A rereading."""

    id: int
    state: str = Field(description="waiting, reading, compared, promoting, promoted or dropped.")
    words: str
    rule_set: int = Field(description="The number of the rules by which it reads.")
    since: datetime | None
    collection: str = Field(description="Empty: all of them.")
    created_at: datetime
    finished_at: datetime | None


class RereadingList(Listed):
    """Rereadings of a seed, newest first."""

    items: list[RereadingShape]


class Difference(Schema):
    """What using it changes in a collection, in records."""

    collection: str
    new: int
    changed: int
    gone: int
    same: int


class Look(RereadingShape):
    """One, as far as it is."""

    read: int | None = Field(description="Versions so far, while pages are read.")
    total: int | None
    outdated: bool = Field(description="There are other rules now: ask for another.")
    can_be_used: bool
    can_be_dropped: bool
    difference: list[Difference]
    unread: dict[str, int] = Field(description="By reason, versions that could not be read.")


class Wanted(Schema, extra="forbid"):
    """Which versions are read, and of what; all without a word."""

    since: datetime | None = Field(None, description="Those that were stored since then.")
    collection: str = Field("", max_length=100)


@router.get("/{int:pk}/rereadings", response=RereadingList, auth=may_look, operation_id="list_rereadings")
def list_of(request: HttpRequest, pk: Id, part: Parts) -> RereadingList:
    """Those that were asked for, newest first."""
    found = cut_part(list_rereadings(alive_seed(pk)), part)
    items = [RereadingShape(**_values(row)) for row in found.rows]
    return RereadingList(items=items, next_cursor=next_cursor(found))


@router.post(
    "/{int:pk}/rereadings", response={202: Look}, auth=may_change_seeds, operation_id="start_rereading"
)
def start(request: HttpRequest, pk: Id, wanted: Wanted) -> Status[Look]:
    """Have stored pages read again. Values stay as they are until ``/use``; 409 if it cannot be done now.

    Ask for it until its state is ``compared``.
    """
    seed = alive_seed(pk)
    names = [collection.name for collection in seed.policy().collections]
    if wanted.collection and wanted.collection not in names:
        raise field_refused("collection", f"collection “{wanted.collection}” is none of the rules.")
    if wanted.since is not None and wanted.since.tzinfo is None:
        raise field_refused("since", "since needs its offset from UTC, such as 2026-03-01T00:00:00Z.")
    try:
        row = rereadings.ask(seed, timezone.now(), **wanted.dict(), user=user_of(request))
    except NoRereading as error:
        raise Problem(409, str(error)) from error
    return Status(202, _look(row))


@router.get("/{int:pk}/rereadings/{int:number}", response=Look, auth=may_look, operation_id="get_rereading")
def one(request: HttpRequest, pk: Id, number: Id) -> Look:
    """How far it is, and what using it would change."""
    return _look(_row(pk, number))


@router.post(
    "/{int:pk}/rereadings/{int:number}/use",
    response=Look,
    auth=may_change_seeds,
    operation_id="use_rereading",
)
def use(request: HttpRequest, pk: Id, number: Id) -> Look:
    """Use the result, as a whole; 409 if there is none, or the rules are others now."""
    return _decided(request, _row(pk, number), rereadings.promote)


@router.post(
    "/{int:pk}/rereadings/{int:number}/drop",
    response=Look,
    auth=may_change_seeds,
    operation_id="drop_rereading",
)
def drop(request: HttpRequest, pk: Id, number: Id) -> Look:
    """Drop the result, or what there is of it; values stay as they were. 409 if it is used."""
    return _decided(request, _row(pk, number), rereadings.drop)


def _decided(request: HttpRequest, row: Rereading, decide: Callable[[Rereading, AnyUser], None]) -> Look:
    """Raises Problem where its state does not allow it."""
    try:
        decide(row, user_of(request))
    except NoRereading as error:
        raise Problem(409, str(error)) from error
    return _look(row)


def _row(pk: int, number: int) -> Rereading:
    rows = Rereading.objects.select_related("seed", "rule_set", "created_by")
    return row_of(rows.filter(seed=alive_seed(pk)), number)


def _values(row: Rereading) -> dict[str, Any]:
    columns = ("id", "state", "since", "collection", "created_at", "finished_at")
    words = words_of(row)
    return {
        **{name: getattr(row, name) for name in columns},
        "words": f"{words.label}: {words.sentence}",
        "rule_set": row.rule_set.number,
    }


def _look(row: Rereading) -> Look:
    look = look_at(row, timezone.now(), None)
    columns = ("new", "changed", "gone", "same")
    return Look(
        **_values(row),
        read=look.pace.read if look.pace else None,
        total=look.pace.total if look.pace else None,
        outdated=look.outdated,
        can_be_used=look.can_be_used,
        can_be_dropped=look.can_be_dropped,
        difference=[
            Difference(collection=each.name, **{name: getattr(each, name) for name in columns})
            for each in look.difference
        ],
        unread=look.unread,
    )
