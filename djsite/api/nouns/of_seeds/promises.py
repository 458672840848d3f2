"""Promises: what data of a seed must be there by when."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from ninja.responses import Status
from ninja.schema import Schema
from pydantic import Field, StringConstraints

from catalog.models import Channel, Promise, Seed
from djsite.api.callers import may_change_seeds, may_look, user_of
from djsite.api.paging import Id
from djsite.api.problems import field_refused
from djsite.api.rows import alive_seed, named_channels, row_of, zone_of
from djsite.api.shapes import RowShape
from djsite.desk import promises

router = Router()
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Weekdays = Annotated[str, StringConstraints(pattern=r"^[0-6]{1,7}$")]


class PromiseShape(RowShape):
    """A promise, and whether it is kept."""

    id: int
    words: str
    deadline: str
    time_zone: str
    weekdays: str = Field(description="0 is Monday: 01234 are the weekdays.")
    least: int | None
    collection: str
    as_complete: bool
    hold_exports: bool
    channels: list[int]
    enabled: bool
    next_due_at: datetime | None
    broken_since: datetime | None
    reasons: list[str] = Field(description="Why it is broken.")


class Wanted(Schema, extra="forbid"):
    """What is promised. Without a number it is as much as usual."""

    deadline: Clock = Field(description="Local time, such as 08:15.")
    time_zone: str = Field("", max_length=64, description="Without it, that of the seed.")
    weekdays: Weekdays = "0123456"
    least: int | None = Field(None, ge=1, le=2**31 - 1)
    collection: str = Field("", max_length=100, description="Without it, all pages or records.")
    as_complete: bool = Field(True, description="Each field is as complete as usual.")
    hold_exports: bool = True
    channels: list[Id] = Field([], max_length=20, description="Whom it tells when it is broken.")
    enabled: bool = True


@router.get("/{int:pk}/promises", response=list[PromiseShape], auth=may_look, operation_id="list_promises")
def list_of(request: HttpRequest, pk: Id) -> list[PromiseShape]:
    """Those of a seed by their deadlines."""
    return [_shape(row, words) for row, words in promises.list_promises(alive_seed(pk))]


@router.post(
    "/{int:pk}/promises",
    response={201: PromiseShape},
    auth=may_change_seeds,
    operation_id="make_promise",
)
def make(request: HttpRequest, pk: Id, wanted: Wanted) -> Status[PromiseShape]:
    """Promise something; it is checked at its next deadline."""
    seed = alive_seed(pk)
    return Status(201, _save(request, Promise(seed=seed, owner=user_of(request)), wanted))


@router.put(
    "/{int:pk}/promises/{int:number}",
    response=PromiseShape,
    auth=may_change_seeds,
    operation_id="change_promise",
)
def change(request: HttpRequest, pk: Id, number: Id, wanted: Wanted) -> PromiseShape:
    """Write a promise anew."""
    return _save(request, _row(pk, number), wanted)


@router.delete(
    "/{int:pk}/promises/{int:number}",
    response={204: None},
    auth=may_change_seeds,
    operation_id="delete_promise",
)
def delete(request: HttpRequest, pk: Id, number: Id) -> HttpResponse:
    """Promise it no more; what it held is held no more."""
    promises.delete(_row(pk, number), user_of(request))
    return HttpResponse(status=204)


def _row(pk: int, number: int) -> Promise:
    return row_of(Promise.objects.filter(seed=alive_seed(pk)).select_related("seed"), number)


def _save(request: HttpRequest, promise: Promise, wanted: Wanted) -> PromiseShape:
    """Write it. Raises Problem for what does not fit the seed."""
    _check_collection(promise.seed, wanted.collection, promise.collection)
    channels = named_channels(wanted.channels)
    for name, value in _values(wanted, promise.seed).items():
        setattr(promise, name, value)
    promises.save(promise, channels, user_of(request), timezone.now())
    return next(_shape(row, words) for row, words in promises.list_promises(promise.seed) if row == promise)


def _values(wanted: Wanted, seed: Seed) -> dict[str, Any]:
    values: dict[str, Any] = wanted.dict(exclude={"channels"})
    values["deadline"] = time.fromisoformat(wanted.deadline)
    values["weekdays"] = "".join(sorted(set(wanted.weekdays)))
    values["time_zone"] = zone_of(wanted.time_zone or seed.time_zone)
    return values


def _check_collection(seed: Seed, wanted: str, before: str) -> None:
    names = [collection.name for collection in seed.policy().collections]
    if wanted and wanted not in (*names, before):
        known = f"It has {', '.join(names)}." if names else "It has none."
        raise field_refused("collection", f"collection “{wanted}” is none of this seed. {known}")


def _shape(promise: Promise, words: str) -> PromiseShape:
    channels: list[Channel] = list(promise.channels.all())
    return PromiseShape.of_row(
        promise,
        words=words,
        deadline=f"{promise.deadline:%H:%M}",
        channels=[channel.pk for channel in channels],
    )
