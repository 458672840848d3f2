"""Events: what happened, newest first, by the filters of the site's list of changes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from ninja.schema import Schema
from pydantic import BeforeValidator, Field

from catalog.models import Event
from djsite.api.callers import may_look
from djsite.api.paging import Id, Listed, Parts, cut_part, next_cursor
from djsite.api.rows import optional_seed
from djsite.api.shapes import RowShape
from djsite.desk.events.listing import EventList
from djsite.desk.events.rows import rows_of

router = Router()
Kind = Literal[
    "new", "changed", "gone", "pages", "page_new", "page_changed", "page_gone", "trouble", "run_failed",
    "missed", "coverage_fell", "blocked", "login_expired", "promise_broken",
]  # fmt: skip


class EventShape(RowShape):
    """Something that happened."""

    id: int
    at: datetime
    kind: str
    seed: int
    seed_name: str
    collection: str
    subject: str
    field: str
    before: Any
    after: Any
    difference: float | None
    percent: float | None
    sentence: str
    url: str
    state: str
    run: int | None


class EventPart(Listed):
    """Events, newest first; those of one run by kind."""

    items: list[EventShape]


def _number(value: Any) -> Any:
    """A number that stands in an address, where all is text."""
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 5 else value


class EventFilter(Schema):
    """Which events are wanted; without a kind, those of records, and of pages of seeds that read none."""

    seed: Id | None = None
    collection: str = Field("", max_length=100)
    field: str = Field("", max_length=200)
    kind: list[Kind] = Field([], max_length=20)
    direction: Literal["", "up", "down"] = ""
    least: float | None = Field(None, description="The smallest change.")
    percent: float | None = Field(None, description="The smallest change in percent.")
    text: str = Field("", max_length=200)
    since: Annotated[Literal[1, 24, 168, 720] | None, BeforeValidator(_number)] = Field(
        None, description="Hours."
    )
    begin: date | None = None
    end: date | None = None
    run: Id | None = None
    withdrawn: bool = Field(False, description="Also what a second look did not see again.")

    def query(self) -> str:
        """The filters as the address of the site's list has them."""
        plain = self.dict(exclude_defaults=True) | ({"withdrawn": "1"} if self.withdrawn else {})
        return urlencode(plain, doseq=True)


@router.get("", response=EventPart, auth=may_look, operation_id="list_events")
def list_of(request: HttpRequest, wanted: Annotated[EventFilter, Query()], part: Parts) -> EventPart:
    """What happened, in words and values."""
    optional_seed(wanted.seed)
    asked, now = EventList.of_query(wanted.query()), timezone.now()
    found = cut_part(asked.events(now), part, order=asked.order, search=asked.condition())
    items = [_shape(row.event, row.sentence) for row in rows_of(found.rows)]
    return EventPart(items=items, next_cursor=next_cursor(found, asked.order))


def _shape(event: Event, sentence: str) -> EventShape:
    return EventShape.of_row(
        event,
        kind=Event.Kind(event.kind).name.lower(),
        seed=event.seed_id,
        seed_name=event.seed.name,
        sentence=sentence,
        state=str(Event.State(event.state).label),
        run=event.run_id,
    )
