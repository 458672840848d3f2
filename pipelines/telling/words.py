"""An event in words for people, whole or in its parts; the site, mails and chats say the same.

Nothing here asks the tables, but for the name of a seed that was not selected with its event.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from catalog.models import Event
from crawler.reading.record import is_money
from crawler.value_words import amount_words, money_words, value_words

SUBJECT, VALUE, DETAIL = 120, 80, 300  # most characters that are shown of each
ARROW, MINUS = "→", "\N{MINUS SIGN}"
Kind = Event.Kind

OUTAGES: dict[int, str] = {
    Kind.RUN_FAILED: "the run failed",
    Kind.SLOT_MISSED: "a run was missed",
    Kind.SLOT_LATE: "a run was late",
    Kind.COVERAGE_FELL: "values are no longer found",
    Kind.HOST_BLOCKED: "the site blocks us",
    Kind.LOGIN_EXPIRED: "the login has expired",
    Kind.PROMISE_BROKEN: "the promise is broken",
}
"""What began."""

WELL_AGAIN: dict[int | None, str] = {
    Kind.RUN_FAILED: "runs again",
    Kind.SLOT_MISSED: "runs again",
    Kind.SLOT_LATE: "runs in time again",
    Kind.COVERAGE_FELL: "all values are found again",
    Kind.HOST_BLOCKED: "the site answers again",
    Kind.LOGIN_EXPIRED: "is logged in again",
    Kind.PROMISE_BROKEN: "the promise is kept again",
    None: "all is well again",
}
"""By what is over. The event's ``detail`` says after how long: ``after 2 h``."""


@dataclass(frozen=True)
class Words:
    """The parts of what an event says; a part that it does not have is empty."""

    subject: str  # Assam
    field: str = ""  # price
    before: str = ""  # 12.50
    after: str = ""  # 9.90 €
    percent: str = ""  # −21 %

    @property
    def change(self) -> str:
        """``12.50 → 9.90 €``; of a value that appears or vanishes ``now 9.90 €``, ``gone, was 9.90 €``."""
        if self.before and self.after:
            return f"{self.before} {ARROW} {self.after}"
        return f"now {self.after}" if self.after else f"gone, was {self.before}"


def parts(event: Event) -> Words:
    """Subject, field, values and percentage of an event."""
    if event.kind != Kind.FIELD_CHANGED:
        return Words(subject_words(event))
    before, after = _pair(event.before, event.after)
    return Words(
        subject_words(event), _cut(event.field, SUBJECT), before, after, percent_words(event.percent)
    )


def sentence(event: Event) -> str:
    """An event in one line: ``Assam: price 12.50 → 9.90 €, −21 %``."""
    if event.kind == Kind.FIELD_CHANGED:
        words = parts(event)
        return ", ".join(filter(None, (f"{words.subject}: {words.field} {words.change}", words.percent)))
    subject = subject_words(event)
    if event.kind in Event.RECORDS:
        return _of_record(event, subject)
    if event.kind in Event.PAGES:
        return _of_page(event, subject)
    return _of_outage(event, subject)


def subject_words(event: Event) -> str:
    """What an event is about: a title or a key, else an address, else the seed; of outages first the seed."""
    named = event.subject or event.url
    if event.kind not in Event.RECORDS + Event.PAGES:
        named = event.subject or event.seed.name
    return _cut(named or event.seed.name, SUBJECT)


def percent_words(percent: float | None) -> str:
    """``−21 %``, ``+0.4 %``; nothing for None."""
    if percent is None or not math.isfinite(percent):
        return ""
    size = abs(percent)
    number = f"{size:,.0f}" if size >= 10 else f"{size:.2g}"
    return f"{MINUS if percent < 0 else '+'}{number} %"


def short_value(value: Any) -> str:
    """A value cut to one line, money with its sign: ``9.90 €``; nothing for None."""
    if value is None:
        return ""
    if is_money(value):
        return money_words(value)
    return _cut(value_words(value), VALUE) or '""'


def _pair(before: Any, after: Any) -> tuple[str, str]:
    """Both values; a currency that they share is said once."""
    if is_money(before) and is_money(after) and before["currency"] == after["currency"]:
        return amount_words(before["amount"]), short_value(after)
    return short_value(before), short_value(after)


def _of_record(event: Event, subject: str) -> str:
    where = _cut(event.collection, SUBJECT)
    if event.kind == Kind.RECORD_GONE:
        return f"Gone from {where}: {subject}"
    return ", ".join(filter(None, (f"New in {where}: {subject}", price_words(event))))


def price_words(event: Event) -> str:
    """The first amount of money among the values of a record that is new; nothing without one."""
    values = event.after
    amounts = (value for value in values.values() if is_money(value)) if isinstance(values, dict) else ()
    return short_value(next(iter(amounts), None))


def _of_page(event: Event, subject: str) -> str:
    begun = {Kind.PAGE_NEW: "New page", Kind.PAGE_CHANGED: "Page changed", Kind.PAGE_GONE: "Page gone"}
    return _with_detail(f"{begun[Kind(event.kind)]}: {subject}", event.detail)


def _of_outage(event: Event, subject: str) -> str:
    if event.kind == Kind.WELL_AGAIN:
        return " ".join(filter(None, (f"{subject}: {WELL_AGAIN[event.ends]}", _cut(event.detail, DETAIL))))
    return _with_detail(f"{subject}: {OUTAGES[event.kind]}", event.detail)


def _with_detail(begun: str, detail: str) -> str:
    return f"{begun}. {_cut(detail, DETAIL)}" if detail else begun


def _cut(text: str, most: int) -> str:
    """A text in one line of at most so many characters."""
    line = " ".join(text[: 4 * most].split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
