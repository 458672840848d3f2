"""The calendar of a seed: every slot of the days around now with what happened to it, down to one hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from catalog.models import Seed
from djsite.browse import slot_calendar
from djsite.browse.roles import may_look
from djsite.browse.slot_calendar import DAY, Day, Span
from djsite.desk import schedules
from djsite.desk.slots.account import Account, Entry
from djsite.desk.slots.ledger import account_of, most_slots, runs_of

REACH = 7  # days before and after the one in the middle
MOST = 60_000  # slots that one page works out; a seed that is due more often shows fewer days
TABLE = 150  # slots a table shows; a day with more is shown by the hour
FURTHEST = timedelta(days=5 * 366)  # from now or from the seed's creation: how far the pages go


@dataclass(frozen=True)
class _View:
    """A seed seen at a moment, in its own time zone."""

    seed: Seed
    now: datetime

    @property
    def zone(self) -> str:
        return schedules.zone_of(self.seed)

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.zone)).date()

    def day(self, text: str) -> date | None:
        """A day from the address line; None for one that is no date or out of reach."""
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return None
        earliest = min(self.seed.created_at, self.now) - FURTHEST
        return day if earliest.date() < day < (self.now + FURTHEST).date() else None

    def account(self, first: date, count: int) -> Account:
        begin, end = (slot_calendar.midnight(day, self.zone) for day in (first, first + DAY * count))
        return account_of(self.seed, begin, end, self.now)

    def days(self, account: Account, first: date, count: int) -> list[Day]:
        dates = [first + DAY * number for number in range(count)]
        return slot_calendar.days(account, dates, self.zone, self.now)


@require_safe
@may_look
def overview(request: HttpRequest, pk: int) -> HttpResponse:
    """The last seven days, today and the next seven; other fifteen days when asked for."""
    view = _view(pk)
    middle = view.day(request.GET.get("around", "")) or view.today
    reach = _reach(view, middle)
    first, count = middle - DAY * reach, 2 * reach + 1
    account = view.account(first, count)
    context = _context(view, account) | {
        "days": view.days(account, first, count),
        "past": slot_calendar.groups(
            [entry for entry in account.entries if entry.slot <= view.now], by_reason=False
        ),
        "ahead": slot_calendar.groups(
            [entry for entry in account.entries if entry.slot > view.now], by_reason=False
        ),
        "earlier": view.day(str(first - DAY * (reach + 1))),
        "later": view.day(str(middle + DAY * (2 * reach + 1))),
        "elsewhere": middle != view.today,
        "fewer": reach < REACH,
        "due": schedules.next_due(view.seed, view.now)[:1],
    }
    return render(request, "browse/calendar.html", context)


def _reach(view: _View, middle: date) -> int:
    begin, end = (slot_calendar.midnight(middle + DAY * days, view.zone) for days in (-REACH, REACH + 1))
    bound = most_slots(view.seed, begin, end)
    return REACH if bound <= MOST else REACH * MOST // bound


@require_safe
@may_look
def day(request: HttpRequest, pk: int, date: str) -> HttpResponse:
    """One day: every slot, or every hour when there are many; every slot of an hour, or of a state."""
    view = _view(pk)
    asked_date = view.day(date)
    if asked_date is None:
        raise Http404
    account = view.account(asked_date, 1)
    (shown,) = view.days(account, asked_date, 1)
    hours = shown.hours()
    hour, slot_filter = _hour(request, hours), _slot_filter(request)
    scope = (hour or shown).entries
    context = _context(view, account) | {
        "day": shown,
        "before": view.day(str(asked_date - DAY)),
        "after": view.day(str(asked_date + DAY)),
        "tabs": slot_calendar.groups(scope, by_reason=False),
        "total": len(scope),
        "axis": [shown.begin, *(hour.begin for hour in hours[6::6]), shown.end],
        "hour": hour,
        "slot_filter": slot_filter,
    }
    entries = [entry for entry in scope if not slot_filter or slot_filter.fits(entry)]
    if len(entries) > TABLE and not hour and not slot_filter:
        return render(request, "browse/calendar_day.html", context | {"hours": hours})
    part = Paginator(entries, TABLE).get_page(request.GET.get("part"))
    context |= {"part": part, "rows": _with_runs(list(part.object_list))}
    return render(request, "browse/calendar_day.html", context)


@dataclass(frozen=True)
class _SlotFilter:
    """Selects slots by their state, and maybe by their reason."""

    state: str
    reason: str | None

    def fits(self, entry: Entry) -> bool:
        return slugify(entry.label) == self.state and self.reason in (None, slugify(entry.reason))


def _slot_filter(request: HttpRequest) -> _SlotFilter | None:
    state = request.GET.get("state")
    return _SlotFilter(state, request.GET.get("reason")) if state else None


def _with_runs(entries: list[Entry]) -> list[tuple[Entry, Any]]:
    runs = runs_of({entry.run for entry in entries if entry.run})
    return [(entry, runs.get(entry.run or 0)) for entry in entries]


def _hour(request: HttpRequest, hours: list[Span]) -> Span | None:
    text = request.GET.get("hour", "")
    number = int(text) if text.isdecimal() and len(text) < 3 else len(hours)
    return hours[number] if number < len(hours) else None


def _view(pk: int) -> _View:
    return _View(get_object_or_404(Seed.objects.alive(), pk=pk), timezone.now())


def _context(view: _View, account: Account) -> dict[str, Any]:
    return {
        "seed": view.seed,
        "zone": view.zone,
        "now": view.now,
        "today": view.today,
        "schedule": schedules.describe(view.seed),
        "together": account.together,
        "problem": account.problem,
    }
