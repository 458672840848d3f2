"""The calendar of a seed's slots: days and hours of its time zone, and what is drawn of them. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.http import urlencode
from django.utils.text import slugify

from djsite.desk.slots.account import Account, Entry, LedgerRow

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BAR = 0.84  # of an hour's width; the remaining space separates it from the next
FEW = 4  # slots of a day that are named one by one, in place of their number
TONES = ("bad", "warn", "run", "idle", "good", "next", "none")  # those that need a look come first
UPWARDS = ("none", "next", "good", "idle", "run", "warn", "bad")  # in a column, from its top
ALONG = ("good", "idle", "run", "warn", "bad", "next", "none")  # in a bar, from its left


@dataclass(frozen=True)
class Group:
    """Slots with the same state and reason."""

    label: str
    tone: str
    reason: str
    entries: list[Entry]

    @property
    def state(self) -> str:
        """The state in an address line."""
        return slugify(self.label)

    @property
    def query(self) -> str:
        """State and reason in an address line; an empty reason asks for those without one."""
        return urlencode({"state": self.state, "reason": slugify(self.reason)})

    @property
    def few(self) -> bool:
        return len(self.entries) <= FEW


def groups(entries: Sequence[Entry], *, by_reason: bool = True) -> list[Group]:
    """``entries`` by state and reason, or by state alone; those that need a look first, then by time."""
    grouped: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        grouped.setdefault((entry.label, entry.reason if by_reason else ""), []).append(entry)
    unsorted = [Group(label, _worst(slots), reason, slots) for (label, reason), slots in grouped.items()]
    return sorted(unsorted, key=lambda group: TONES.index(group.tone))


def _worst(entries: Sequence[Entry]) -> str:
    return min({entry.tone for entry in entries}, key=TONES.index)


@dataclass(frozen=True)
class Column:
    """An hour of a day: parts from its top down as (tone, y, height), all in percent of the whole."""

    x: float
    width: float
    parts: list[tuple[str, float, float]]


@dataclass(frozen=True)
class Span:
    """A day or an hour with its slots, which are in order."""

    begin: datetime
    end: datetime
    entries: list[Entry]

    @property
    def groups(self) -> list[Group]:
        return groups(self.entries)

    @property
    def parts(self) -> list[tuple[str, float, float]]:
        """All of its slots as one bar: (tone, start, length) in percent."""
        return _shares(self.entries, ALONG)

    def hours(self) -> list[Span]:
        """Its hours, counted from its begin; the last may be shorter."""
        return list(cut(self.entries, _hours(self.begin, self.end)))


@dataclass(frozen=True)
class Day(Span):
    """A day of a time zone, which may have 23, 25 or even no hours."""

    date: date
    note: str
    now: float | None  # where the present moment is, in percent; None on other days
    together: list[LedgerRow]  # rows of many slots, some of which may be of this day

    @property
    def columns(self) -> list[Column]:
        """Its hours from left to right, each filled by the states of its slots."""
        pitch = 100 / ((self.end - self.begin) / HOUR) if self.end > self.begin else 0
        return [
            Column(
                round((hour.begin - self.begin) / HOUR * pitch, 3),
                round((hour.end - hour.begin) / HOUR * pitch * BAR, 3),
                _shares(hour.entries, UPWARDS),
            )
            for hour in self.hours()
        ]


def midnight(day: date, zone: str) -> datetime:
    """The instant at which a day begins: where the clock skips midnight, the instant of that change."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def days(account: Account, dates: Sequence[date], zone: str, now: datetime) -> list[Day]:
    """These days with their slots."""
    bounds = [(midnight(day, zone), midnight(day + DAY, zone)) for day in dates]
    return [
        Day(*_fields(span), day, _note(span), _place(span, now), _touching(span, account.together))
        for day, span in zip(dates, cut(account.entries, bounds), strict=True)
    ]


def _fields(span: Span) -> tuple[datetime, datetime, list[Entry]]:
    return span.begin, span.end, span.entries


def _touching(span: Span, together: Sequence[LedgerRow]) -> list[LedgerRow]:
    return [row for row in together if row.slot < span.end and row.last_slot and row.last_slot >= span.begin]


def cut(entries: Sequence[Entry], bounds: Sequence[tuple[datetime, datetime]]) -> Iterator[Span]:
    """The slots of each span, by binary search: ``entries`` are in order."""
    moments = [entry.slot for entry in entries]
    for begin, end in bounds:
        within = entries[bisect_left(moments, begin) : bisect_left(moments, end)]
        yield Span(begin, end, list(within))


def _hours(begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    hours = []
    while begin < end:
        hours.append((begin, min(begin + HOUR, end)))
        begin += HOUR
    return hours


def _shares(entries: Sequence[Entry], order: Sequence[str]) -> list[tuple[str, float, float]]:
    """Times that were no slots count only if there are no others."""
    tones = [entry.tone for entry in entries]
    real = [tone for tone in tones if tone != "none"] or tones
    shares, start = [], 0.0
    for tone in order:
        if count := real.count(tone):
            share = count * 100 / len(real)
            shares.append((tone, round(start, 3), round(share, 3)))
            start += share
    return shares


def _place(day: Span, moment: datetime) -> float | None:
    if not day.begin <= moment < day.end:
        return None
    return round((moment - day.begin) / (day.end - day.begin) * 100, 3)


def _note(day: Span) -> str:
    """That a day is longer or shorter than others, and why."""
    length = day.end - day.begin
    if length == DAY:
        return ""
    if not length:
        return "there is no such day in this time zone"
    turned = "back" if length > DAY else "forward"
    hours, odd = divmod(length, HOUR)
    minutes = f" {odd // timedelta(minutes=1)} min" if odd else ""
    return f"{hours} h{minutes} long: the clock is put {turned}"
