"""The filters of a list of events, as the address line has them and as a kept view keeps them.

Keys: ``seed`` (a number), ``collection``, ``field``, ``kind`` (words of :data:`KINDS`, more than one if it
comes more than once), ``direction`` (up or down), ``least`` (the smallest change), ``percent`` (the smallest
change in percent), ``text`` (in the subject or the address). Other keys are of the list, and ignored here.
"""

from __future__ import annotations

import math
from typing import Self
from urllib.parse import parse_qs

import msgspec
from django.db.models import Q

from catalog.models import Event

UP, DOWN = DIRECTIONS = ("up", "down")
RECORDS, PAGES, TROUBLE = "records", "pages", "trouble"
Kind = Event.Kind

KINDS: dict[str, tuple[int, ...]] = {
    RECORDS: Event.RECORDS,
    "new": (Kind.RECORD_NEW,),
    "changed": (Kind.FIELD_CHANGED,),
    "gone": (Kind.RECORD_GONE,),
    PAGES: Event.PAGES,
    "page_new": (Kind.PAGE_NEW,),
    "page_changed": (Kind.PAGE_CHANGED,),
    "page_gone": (Kind.PAGE_GONE,),
    TROUBLE: (*Event.OUTAGES, Kind.WELL_AGAIN),
    "run_failed": (Kind.RUN_FAILED,),
    "missed": (Kind.SLOT_MISSED, Kind.SLOT_LATE),
    "coverage_fell": (Kind.COVERAGE_FELL,),
    "blocked": (Kind.HOST_BLOCKED,),
    "login_expired": (Kind.LOGIN_EXPIRED,),
    "promise_broken": (Kind.PROMISE_BROKEN,),
}
"""What a ``kind`` of the address line stands for. A single trouble means its end, WELL_AGAIN, too."""


class EventFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which events a list shows; what is empty or None asks for nothing."""

    seed: int | None = None
    collection: str = ""
    field: str = ""
    kinds: frozenset[str] = frozenset()  # of KINDS
    direction: str = ""  # of DIRECTIONS
    least: float | None = None  # the smallest change, up or down
    percent: float | None = None  # the smallest change in percent, up or down
    text: str = ""  # in the subject or the address; case does not matter

    @classmethod
    def of_query(cls, query: str) -> Self:
        """What the query of an address asks for. A value that makes no sense is ignored."""
        lists = parse_qs(query.lstrip("?"))
        last = {name: values[-1].replace("\0", "").strip() for name, values in lists.items()}
        return cls(
            seed=whole_number(last.get("seed", "")),
            collection=last.get("collection", ""),
            field=last.get("field", ""),
            kinds=frozenset(kind for kind in lists.get("kind", []) if kind in KINDS),
            direction=last["direction"] if last.get("direction") in DIRECTIONS else "",
            least=_size(last.get("least", "")),
            percent=_size(last.get("percent", "")),
            text=last.get("text", ""),
        )

    def covers(self, event: Event) -> bool:
        """Whether the list shows this event."""
        return (
            self.seed in (None, event.seed_id)
            and self.collection in ("", event.collection)
            and self.field in ("", event.field)
            and self._covers_kind(event)
            and self._covers_change(event.difference, event.percent)
            and (not self.text or self._is_in(event.subject) or self._is_in(event.url))
        )

    def condition(self) -> Q:
        """The same for a query; for ``text``, SQLite minds the case of letters beyond ASCII."""
        condition = self._of_place() & self._of_kinds() & self._of_change()
        if self.text:
            condition &= Q(subject__icontains=self.text) | Q(url__icontains=self.text)
        return condition

    def _covers_kind(self, event: Event) -> bool:
        return any(event.kind in KINDS[name] or event.ends in KINDS[name] for name in self.kinds or KINDS)

    def _covers_change(self, difference: float | None, percent: float | None) -> bool:
        if self.direction and (not difference or (difference > 0) != (self.direction == UP)):
            return False
        return _reaches(difference, self.least) and _reaches(percent, self.percent)

    def _is_in(self, text: str) -> bool:
        return self.text.casefold() in text.casefold()

    def _of_place(self) -> Q:
        condition = Q() if self.seed is None else Q(seed=self.seed)
        if self.collection:
            condition &= Q(collection=self.collection)
        return condition & Q(field=self.field) if self.field else condition

    def _of_kinds(self) -> Q:
        kinds = {kind for name in self.kinds for kind in KINDS[name]}
        return Q(kind__in=sorted(kinds)) | Q(ends__in=sorted(kinds)) if kinds else Q()

    def _of_change(self) -> Q:
        condition = {UP: Q(difference__gt=0), DOWN: Q(difference__lt=0)}.get(self.direction, Q())
        for name, least in (("difference", self.least), ("percent", self.percent)):
            if least is not None:
                condition &= Q(**{f"{name}__gte": least}) | Q(**{f"{name}__lte": -least})
        return condition


def _reaches(change: float | None, least: float | None) -> bool:
    return least is None or (change is not None and abs(change) >= least)


def whole_number(text: str) -> int | None:
    """A number of digits that a database takes; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _size(text: str) -> float | None:
    """A number that is not negative, with a point or a comma for decimals; None for anything else."""
    try:
        size = float(text.replace(",", "."))
    except ValueError:
        return None
    return size if size >= 0 and math.isfinite(size) else None
