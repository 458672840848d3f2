"""Records: the things of a collection with their values, one of them over time, and those of an address."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from ninja import Query, Router
from ninja.responses import Status
from ninja.schema import Schema
from pydantic import Field

from catalog.models import Record, Run
from djsite.api.callers import may_look, user_of
from djsite.api.paging import Id, Listed, Part, Parts, cut_part, next_cursor
from djsite.api.problems import FieldProblem, Problem, field_refused, refused
from djsite.api.record_lists import FILTERS, part_of_list, wanted_list
from djsite.api.rows import optional_seed, row_of
from djsite.api.shapes import RowShape
from djsite.desk.access import tokens
from djsite.desk.data.listing import RecordList, ShownRecord
from djsite.desk.fresh import looks
from djsite.desk.fresh.looks import Look
from djsite.desk.read.records import (
    earlier_values,
    last_seen,
    records_at,
    whole_records,
)
from djsite.desk.words import reason_words

router = Router()
AGAIN = 3  # seconds after which who did not get an answer asks again
YOUNGEST = timedelta(seconds=10)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class RecordShape(RowShape):
    """A thing that pages of a seed show."""

    id: int
    seed: int
    collection: str
    key: list[str] = Field(description="The texts of its key fields; none: known by its page and place.")
    url: str = Field(description="The page that shows it.")
    values: dict[str, Any]
    held: dict[str, datetime] = Field(
        description="Fields whose last good value is kept, and since when the page shows none."
    )
    first_seen_at: datetime | None = Field(description="Null where the values are of an earlier time.")
    last_seen_at: datetime | None = Field(description="Likewise.")
    changed_at: datetime | None
    until: datetime | None = Field(None, description="Of earlier values: when others came.")
    gone_at: datetime | None

    @staticmethod
    def listed(row: ShownRecord, wanted: RecordList) -> RecordShape:
        """A row of a list: a record as it is, or was, or values that it had."""
        if isinstance(row, Record):
            return RecordShape.of(row)
        return RecordShape(
            id=row.pk,
            seed=wanted.seed or 0,
            collection=wanted.collection,
            key=row.key,
            url=row.page.url,
            values=row.values,
            held=row.held,
            first_seen_at=None,
            last_seen_at=None,
            changed_at=row.last_changed_at,
            until=getattr(row, "until", None),
            gone_at=row.gone_at,
        )

    @staticmethod
    def of(record: Record) -> RecordShape:
        """A record as it is now; it has its page."""
        return RecordShape.of_row(
            record,
            seed=record.seed_id,
            url=record.page.url,
            last_seen_at=last_seen(record),
            changed_at=record.last_changed_at,
            until=None,
        )


class LookShape(Schema):
    """The last look at an address."""

    at: datetime
    outcome: str = Field(description="“got”, or how it failed.")
    reason: str
    words: str
    location: str = Field(description="Where it redirects.")


class RecordPart(Listed):
    """Records, newest first."""

    items: list[RecordShape]
    look: LookShape | None = Field(None, description="Of “url”: when it was looked at, and what came of it.")


class Pending(Schema):
    """The address is being looked at."""

    run: int
    detail: str


class EarlierShape(Schema):
    """Values that a record had."""

    values: dict[str, Any]
    since: datetime
    until: datetime


class EarlierList(Listed):
    """Earlier values, newest first."""

    items: list[EarlierShape]


class RecordFilter(Schema):
    """Which records are wanted: those of a collection of a seed, or those of an address."""

    seed: Id | None = None
    collection: str = Field("", max_length=100, description="Of the seed; without it, its first.")
    text: str = Field("", max_length=200, description="In a value or the address.")
    changed_since: str = Field("", max_length=40, description="24h, 7d, or a date.")
    gone: Literal["", "yes", "no"] = Field("", description="yes: also what is gone.")
    view: Literal["", "latest", "versions"] = Field("", description="versions: all values that they had.")
    as_of: str = Field("", max_length=40, description="As they were at this moment.")
    sort: str = Field(
        "",
        max_length=200,
        description="A field, or .changed, .first_seen, .address; with a minus the largest first. "
        "Without it, the newest first.",
    )
    url: str = Field("", max_length=2000, description="An address: the records that it shows.")
    max_age: str = Field(
        "",
        pattern=r"^([0-9]{1,6}[smhd]?)?$",
        description="How long ago “url” may have been looked at, such as 90s, 10m, 2h, 1d; else it is now.",
    )
    wait: int = Field(10, ge=0, le=30, description="Seconds to wait for that look; then the answer is 202.")


@router.get(
    "",
    response={200: RecordPart, 202: Pending},
    auth=may_look,
    operation_id="list_records",
    openapi_extra={"parameters": [FILTERS]},
)
def list_of(
    request: HttpRequest, response: HttpResponse, wanted: Annotated[RecordFilter, Query()], part: Parts
) -> RecordPart | Status[Pending]:
    """Records by the filters of the site. A ``url`` is looked at if ``max_age`` asks for it."""
    if wanted.url:
        _only_of_address(request)
        return _at_address(request, response, wanted, part)
    if wanted.max_age:
        raise field_refused("max_age", "max_age goes with url: it is about one address.")
    asked = wanted_list(request)
    rows, cursor = part_of_list(asked, part, timezone.now())
    items = [RecordShape.listed(row, asked) for row in rows]
    return RecordPart(items=items, next_cursor=cursor, look=None)


def _only_of_address(request: HttpRequest) -> None:
    """Raise Problem for filters of a list: beside an address they would be passed over in silence."""
    strange = [name for name in request.GET if name not in _OF_ADDRESS]
    if strange:
        raise refused(FieldProblem(name, f"{name} does not go with url.") for name in strange)


_OF_ADDRESS = ("url", "seed", "collection", "max_age", "wait", "limit", "cursor")


def _part(rows: QuerySet[Record], part: Part, look: Look | None = None) -> RecordPart:
    found = cut_part(rows, part)
    return RecordPart(
        items=[RecordShape.of(record) for record in found.rows],
        next_cursor=next_cursor(found),
        look=look and LookShape(words=reason_words(look.reason), **look._asdict()),
    )


def _at_address(
    request: HttpRequest, response: HttpResponse, wanted: RecordFilter, part: Part
) -> RecordPart | Status[Pending]:
    """What an address shows, looked at again if the last look is older than the call wants."""
    place, now = _place(wanted), timezone.now()
    since = now - _age(wanted.max_age) if wanted.max_age else None
    look = looks.last_look(place)
    if since is not None and not looks.is_young(look, since):
        if not user_of(request).has_perm(tokens.START_RUNS):
            raise Problem(403, "This token may look only. Without max_age you get what is stored.")
        run = looks.look_again(place, since, now)
        if not looks.wait_until(lambda: looks.is_young(looks.last_look(place), since), wanted.wait):
            return _pending(response, run)
        look = looks.last_look(place)
    return _part(records_at(place.seed, place.fingerprint, wanted.collection), part, look)


def _pending(response: HttpResponse, run: Run | None) -> Status[Pending]:
    number = run.pk if run else 0
    response["Location"] = reverse("api:get_run", args=[number])
    response["Retry-After"] = str(AGAIN)
    sentence = f"The address is being looked at. Ask again in {AGAIN} s."
    return Status(202, Pending(run=number, detail=sentence))


def _place(wanted: RecordFilter) -> looks.Place:
    try:
        return looks.place_of(wanted.url, optional_seed(wanted.seed))
    except ValueError as error:
        raise field_refused("url", str(error)) from error
    except looks.NoOwner:
        sentence = "url belongs to no seed: none has it, and it is in the scope of none."
        raise field_refused("url", sentence) from None


def _age(text: str) -> timedelta:
    """The time that ``max_age`` says. Raises Problem for one under :data:`YOUNGEST`."""
    number, unit = (text[:-1], text[-1]) if text[-1] in _UNITS else (text, "s")
    age = timedelta(seconds=int(number) * _UNITS[unit])
    if age < YOUNGEST:
        raise field_refused("max_age", f"max_age must be at least {YOUNGEST.seconds}s.")
    return age


@router.get("/{int:pk}", response=RecordShape, auth=may_look, operation_id="get_record")
def one(request: HttpRequest, pk: Id) -> RecordShape:
    """One record as it is now."""
    return RecordShape.of(row_of(whole_records(), pk))


@router.get("/{int:pk}/earlier", response=EarlierList, auth=may_look, operation_id="list_earlier_values")
def earlier(request: HttpRequest, pk: Id, part: Parts) -> EarlierList:
    """The values that a record had before, newest first."""
    found = cut_part(earlier_values(row_of(whole_records(), pk)), part)
    items = [EarlierShape(values=row.values, since=row.since, until=row.until) for row in found.rows]
    return EarlierList(items=items, next_cursor=next_cursor(found))
