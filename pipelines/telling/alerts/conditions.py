"""Whether an event meets an alert. Nothing here asks the tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from catalog.models import Alert, Event
from crawler.reading.record import amount_of
from crawler.reading.text import fold
from crawler.value_words import value_words
from pipelines.telling.filters import EventFilter

Condition, Kind = Alert.Condition, Event.Kind
Texts = Callable[[Event], tuple[str, str]]
"""The text of an event's page in the version before, and in the one that shows the event."""

KINDS: dict[str, tuple[int, ...]] = {
    Condition.RECORD_NEW: (Kind.RECORD_NEW,),
    Condition.RECORD_GONE: (Kind.RECORD_GONE,),
    **dict.fromkeys(
        (
            *(Condition.FIELD_CHANGED, Condition.FIELD_UP, Condition.FIELD_DOWN),
            *(Condition.FIELD_ABOVE, Condition.FIELD_BELOW, Condition.FIELD_MATCHES),
        ),
        (Kind.FIELD_CHANGED,),
    ),
    Condition.PAGE_CHANGED: (Kind.PAGE_CHANGED,),
    Condition.TEXT_APPEARS: (Kind.PAGE_CHANGED, Kind.PAGE_NEW),
    Condition.TEXT_VANISHES: (Kind.PAGE_CHANGED,),
    Condition.RUN_FAILED: (Kind.RUN_FAILED,),
    Condition.SLOT_MISSED: (Kind.SLOT_MISSED, Kind.SLOT_LATE),
    Condition.COVERAGE_FELL: (Kind.COVERAGE_FELL,),
    Condition.HOST_BLOCKED: (Kind.HOST_BLOCKED,),
    Condition.LOGIN_EXPIRED: (Kind.LOGIN_EXPIRED,),
    Condition.ANYTHING: tuple(kind for kind in Kind if kind != Kind.WELL_AGAIN),
}
"""The kinds of events that a condition is about; of a trouble, its end as well."""

OF_FIELDS = frozenset(
    condition for condition, kinds in KINDS.items() if kinds == (Kind.FIELD_CHANGED,)
)  # have a field
OF_SIZES = frozenset((Condition.FIELD_CHANGED, Condition.FIELD_UP, Condition.FIELD_DOWN))  # have ``least``
OF_LIMITS = frozenset((Condition.FIELD_ABOVE, Condition.FIELD_BELOW))  # have a ``limit``
OF_TEXTS = frozenset((Condition.TEXT_APPEARS, Condition.TEXT_VANISHES))  # look at the text of pages
OF_WORDS = OF_TEXTS | {Condition.FIELD_MATCHES}  # have a ``text``
OF_COLLECTIONS = OF_FIELDS | {Condition.RECORD_NEW, Condition.RECORD_GONE}  # have a collection
CONFIRMABLE = (*Event.RECORDS, Kind.PAGE_CHANGED)
"""What a second look at a page can confirm. A new page is there; one that is gone was asked for twice."""
OF_SECOND_LOOKS = frozenset(condition for condition, kinds in KINDS.items() if set(kinds) & set(CONFIRMABLE))
FOR_KEEPERS = (Kind.COVERAGE_FELL,)
"""For those who may change the seed: nobody else can mend it, and the data stands as it was."""


def meets(event: Event, alert: Alert, view: EventFilter, texts: Texts) -> bool:
    """Whether an alert tells of an event; ``view`` is what its kept view covers."""
    return (
        _is_of_kind(event, alert.condition)
        and alert.seed_id in (None, event.seed_id)
        and (alert.condition not in OF_COLLECTIONS or alert.collection in ("", event.collection))
        and view.covers(event)
        and (event.kind != Kind.FIELD_CHANGED or _is_change(event, alert))
        and (alert.condition not in OF_TEXTS or _text_turns(alert, *texts(event)))
    )


def is_for_keepers(event: Event) -> bool:
    """Whether only those who may change seeds are told of it."""
    return event.kind in FOR_KEEPERS or event.ends in FOR_KEEPERS


def kinds_of(condition: str) -> set[int]:
    """The kinds of events among which those are that meet a condition."""
    kinds = set(KINDS[condition])
    return kinds | {Kind.WELL_AGAIN} if kinds & set(Event.OUTAGES) else kinds


def _is_of_kind(event: Event, condition: str) -> bool:
    kinds = KINDS[condition]
    return event.kind in kinds or (event.kind == Kind.WELL_AGAIN and event.ends in kinds)


def _is_change(event: Event, alert: Alert) -> bool:
    """Whether a changed field is the one, and changed as the alert says."""
    if alert.condition not in OF_FIELDS:
        return True
    if alert.field not in ("", event.field):
        return False
    if alert.condition in OF_LIMITS:
        return _crosses(event, alert)
    if alert.condition == Condition.FIELD_MATCHES:
        words = _folded(alert.text)
        return words in _words(event.after) and words not in _words(event.before)
    return _goes_its_way(event, alert) and _is_large_enough(event, alert)


def _goes_its_way(event: Event, alert: Alert) -> bool:
    up, change = alert.condition == Condition.FIELD_UP, event.difference or 0
    return alert.condition == Condition.FIELD_CHANGED or (change > 0 if up else change < 0)


def _is_large_enough(event: Event, alert: Alert) -> bool:
    """By the difference, or the percentage. From zero, every change is more than any percentage."""
    if alert.least is None:
        return True
    if event.difference is None:
        return False
    size = event.percent if alert.in_percent else event.difference
    return size is None or abs(size) >= alert.least


def _crosses(event: Event, alert: Alert) -> bool:
    """Whether a number went from one side of the limit to the other; the limit itself is on neither.

    Not if both are money, in currencies that differ.
    """
    old, new, limit = amount_of(event.before), amount_of(event.after), alert.limit
    if old is None or new is None or limit is None or len({old[1], new[1]} - {""}) > 1:
        return False
    before, after = old[0], new[0]
    return before <= limit < after if alert.condition == Condition.FIELD_ABOVE else before >= limit > after


def _text_turns(alert: Alert, before: str, after: str) -> bool:
    words = _folded(alert.text)
    had, has = words in _folded(before), words in _folded(after)
    return has and not had if alert.condition == Condition.TEXT_APPEARS else had and not has


def _words(value: Any) -> str:
    return "" if value is None else _folded(value_words(value))


def _folded(text: str) -> str:
    return fold(text).casefold()
