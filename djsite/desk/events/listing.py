"""A list of events by the filters of an address, newest first, however many there are.

The filters of :class:`pipelines.telling.filters.EventFilter` are those that alerts know too. The list adds
the time, the run, and what a second look withdrew.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import msgspec
from django.db.models import Q, QuerySet

from catalog.models import Event, Seed
from djsite.desk.read.keyset import SIZE, Slice, cut
from pipelines.telling.filters import EventFilter, whole_number

HOURS = (1, 24, 168, 720)  # that "in the last …" offers
NAMES = (
    *("seed", "collection", "field", "kind", "direction", "least", "percent", "text"),
    *("since", "begin", "end", "run", "withdrawn"),
)
State = Event.State


class EventList(msgspec.Struct, frozen=True, kw_only=True):
    """Which events a list shows; what is empty or None asks for nothing.

    Without a kind, that is what happened to records, and to the pages of seeds that read no records.
    """

    wanted: EventFilter = EventFilter()
    since: int | None = None  # so many hours ago
    begin: date | None = None  # UTC
    end: date | None = None  # that day too
    run: int | None = None
    withdrawn: bool = False  # also what a second look did not see again

    @classmethod
    def of_query(cls, query: str) -> EventList:
        """What the query of an address asks for. A value that makes no sense is ignored."""
        values = dict(parse_qsl(query.lstrip("?")))
        hours = whole_number(values.get("since", ""))
        return cls(
            wanted=EventFilter.of_query(query),
            since=hours if hours in HOURS else None,
            begin=_day(values.get("begin", "")),
            end=_day(values.get("end", "")),
            run=whole_number(values.get("run", "")),
            withdrawn=values.get("withdrawn") == "1",
        )

    @property
    def order(self) -> str:
        """The column by which an index has the events in order: of a run by kind, else the newest first."""
        return "-at" if self.run is None else "kind"

    def part(self, now: datetime, cursor: str = "", size: int = SIZE) -> Slice[Event]:
        """The slice of the list that begins after ``cursor``; each event with its seed."""
        return cut(self.events(now), cursor, order=self.order, size=size, search=self.condition())

    def all_of_it(self, now: datetime, size: int) -> Iterator[list[Event]]:
        """The whole list in slices, for those who may wait until the tables have been searched."""
        events, cursor = self.events(now).filter(self.condition()), ""
        while True:
            part = cut(events, cursor, order=self.order, size=size)
            yield part.rows
            if not (cursor := part.following):
                return

    def events(self, now: datetime) -> QuerySet[Event]:
        """What an index finds: the events of seeds that people see, by seed, run and time."""
        events = Event.objects.filter(seed__deleted_at=None).select_related("seed")
        events = events.only(*_COLUMNS, "seed__name")
        if self.wanted.seed is not None:
            events = events.filter(seed=self.wanted.seed)
        if self.run is not None:
            events = events.filter(run_id=self.run)
        if self.since is not None:
            events = events.filter(at__gte=now - timedelta(hours=self.since))
        if self.begin is not None:
            events = events.filter(at__gte=_midnight(self.begin))
        if self.end is not None:
            events = events.filter(at__lt=_midnight(self.end) + timedelta(days=1))
        return events

    def condition(self) -> Q:
        """The rest of what is asked for, which no index serves."""
        kinds = Q() if self.wanted.kinds else of_things()
        return self.wanted.condition() & kinds & (Q() if self.withdrawn else stands())


_COLUMNS = [field.name for field in Event._meta.concrete_fields if field.name != "changed_in"]


def of_things() -> Q:
    """What happened to records, or to the pages of seeds that read no records from them."""
    plain = Seed.objects.filter(of_pages())
    return Q(kind__in=Event.RECORDS) | Q(kind__in=Event.PAGES, seed__in=plain)


def of_pages() -> Q:
    """Of seeds: those that read no records."""
    return Q(fields=[], collections=[])


def stands() -> Q:
    """All but what a second look withdrew."""
    return ~Q(state=State.WITHDRAWN)


def tidy(query: str) -> str:
    """The filters of an address in one order, without empty ones and without the place in the list."""
    pairs = parse_qsl(query.replace("\0", ""))
    return urlencode([(name, value) for known in NAMES for name, value in pairs if name == known])


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1970 <= day.year < 9999 else None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
