"""What a second look says of the events that wait for it: it confirms them, or withdraws them.

The steps of one thing (a field of a record, whether a record is there, the content of a page) are judged
together, with those that came since: a value that went and came back was a step and its opposite, and people
are told of neither. A value that went on changing is told as one step, from what it was before the first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q

from catalog.models import Event, NoiseBlock, Notice, Page, Record, SecondLook, Snapshot
from catalog.sql import bulk
from crawler.reading.record import same
from pipelines.events.values import difference
from pipelines.telling.words import short_value

NOT_POSSIBLE = "A second look was not possible."
Kind, State = Event.Kind, Event.State
Thing = tuple[int, str, str]  # record id, or 0 for the page; what of it; field
_CAME_OR_WENT = {Kind.RECORD_NEW: True, Kind.RECORD_GONE: False, Kind.PAGE_NEW: True, Kind.PAGE_GONE: False}
_SAVED = ["state", "detail", "before", "difference", "percent"]


def confirm(look: SecondLook, detail: str) -> None:
    """Confirm all events that wait for a look, with a sentence."""
    for events in _parts(look.events):
        Event.objects.filter(pk__in=events, state=State.AWAITED).update(state=State.CONFIRMED, detail=detail)


def judge(look: SecondLook, page: Page) -> None:
    """Confirm or withdraw the events that wait for a look, by what its page shows now."""
    waiting = [pk for events in _parts(look.events) for pk in _still_waiting(events)]
    if not waiting:
        return
    verdicts = _Verdicts(look, page, set(waiting))
    changed = [event for steps in _steps_since(look, waiting) for event in verdicts.of(steps)]
    bulk.update_each(changed, _SAVED)


def needs_comparing(look: SecondLook, page: Page) -> bool:
    """Whether only the stored pages say if content is as before: the bytes are others.

    If they are those that the change led to, it stands, unless something was learned of its noise since.
    """
    change = first_change(look)
    before = version_before(change, page) if change is not None else None
    if change is None or before is None or page.latest is None or before.digest == page.latest.digest:
        return False
    return page.latest_id != change.snapshot_id or _learned_since(change)


def first_change(look: SecondLook) -> Event | None:
    """The first change of its page's content that waits for a look."""
    for events in _parts(look.events):
        changes = Event.objects.filter(pk__in=events, state=State.AWAITED, kind=Kind.PAGE_CHANGED)
        if change := changes.order_by("pk").first():
            return change
    return None


def version_before(change: Event, page: Page) -> Snapshot | None:
    """The version that a page had before a change; None if it is not kept."""
    earlier = Snapshot.objects.filter(page=page.pk, pk__lt=change.snapshot_id or 0)
    return earlier.order_by("-pk").first()


def _learned_since(change: Event) -> bool:
    return NoiseBlock.objects.filter(seed=change.seed_id, learned_at__gte=change.at).exists()


def _still_waiting(events: Sequence[int]) -> list[int]:
    return list(Event.objects.filter(pk__in=events, state=State.AWAITED).values_list("pk", flat=True))


def _parts(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[at : at + 1000] for at in range(0, len(ids), 1000))


def _steps_since(look: SecondLook, waiting: Sequence[int]) -> Iterable[list[Event]]:
    """Of each thing that waits, its events from the first that does; those that people know are left out."""
    awaits = set(waiting)
    told = Exists(Notice.objects.filter(event=OuterRef("pk")))
    since = Event.objects.filter(seed=look.seed_id, pk__gte=min(waiting)).exclude(state=State.WITHDRAWN)
    things = Q(page_id=look.page_id) | Q(
        record_id__in=Event.objects.filter(pk__in=waiting, record_id__isnull=False).values("record_id")
    )
    steps: dict[Thing, list[Event]] = defaultdict(list)
    for event in since.filter(things).annotate(told=told).select_for_update(of=("self",)).order_by("pk"):
        if (thing := _thing(event)) and (event.pk in awaits or (steps[thing] and not event.told)):
            steps[thing].append(event)
    return [events for events in steps.values() if events]


def _thing(event: Event) -> Thing | None:
    """What an event is a step of; None for what a look at a page says nothing about."""
    if event.kind in Event.RECORDS:
        return event.record_id or 0, "record", event.field if event.kind == Kind.FIELD_CHANGED else ""
    if event.kind in Event.PAGES:
        return 0, "content" if event.kind == Kind.PAGE_CHANGED else "page", ""
    return None


@dataclass(frozen=True)
class _Seen:
    """What a look saw of a thing: its state now, and the same in words."""

    now: Any
    words: str


class _Verdicts:
    """The verdicts on events of one page, by what a look saw there."""

    def __init__(self, look: SecondLook, page: Page, waiting: set[int]) -> None:
        local = page.last_fetched_at.astimezone(ZoneInfo(look.seed.time_zone))
        self._at = f"At {local:%H:%M} {look.seed.time_zone}"
        self._page, self._waiting = page, waiting
        self._as_before = look.state == SecondLook.State.AS_BEFORE
        held = Record.objects.filter(pk__in=Event.objects.filter(pk__in=waiting).values("record_id"))
        self._records = held.in_bulk()

    def of(self, steps: Sequence[Event]) -> Sequence[Event]:
        """The events, with their new states."""
        first = steps[0]
        if first.kind == Kind.PAGE_CHANGED:
            return self._of_content(steps)
        if first.kind == Kind.FIELD_CHANGED:
            return self._of_field(steps)
        record = self._records.get(first.record_id or 0)
        there = (record or self._page).gone_at is None
        seen = _Seen(there, f"{self._at} it was {'there' if there else 'gone'}")
        return self._of_values(steps, seen, lambda step: not _came(step), _came)

    def _of_field(self, steps: Sequence[Event]) -> Sequence[Event]:
        record = self._records.get(steps[0].record_id or 0)
        if record is None or record.gone_at is not None:
            return self._withdraw(steps, f"{self._at} it was gone")
        value = record.values.get(steps[0].field)
        said = f"the {steps[0].field} was {short_value(value)}" if value is not None else "there was none"
        seen = _Seen(value, f"{self._at} {said}")
        return self._of_values(steps, seen, lambda step: step.before, lambda step: step.after)

    def _of_values(
        self,
        steps: Sequence[Event],
        seen: _Seen,
        before: Callable[[Event], Any],
        after: Callable[[Event], Any],
    ) -> Sequence[Event]:
        """All are withdrawn if things are as before the first; else the last that led to now is confirmed."""
        if same(seen.now, before(steps[0])):
            return self._withdraw(steps, f"{seen.words} again")
        agreeing = [step for step in steps if same(seen.now, after(step))]
        last = agreeing[-1] if agreeing else [step for step in steps if step.pk in self._waiting][-1]
        self._withdraw([step for step in steps if step is not last], seen.words)
        last.state = State.CONFIRMED
        if not agreeing:
            last.detail = f"{seen.words}."
        if last is not steps[0]:
            _begin_at(last, steps[0])
        return steps

    def _of_content(self, steps: Sequence[Event]) -> Sequence[Event]:
        """Content that has come back was no change; of content that went on changing each step was one."""
        before, now = version_before(steps[0], self._page), self._page.latest
        if self._as_before or (before is not None and now is not None and before.digest == now.digest):
            return self._withdraw(steps, f"{self._at} it was as before")
        for step in steps:
            if step.pk in self._waiting:
                step.state = State.CONFIRMED
        return steps

    def _withdraw(self, steps: Sequence[Event], words: str) -> Sequence[Event]:
        for step in steps:
            step.state, step.detail = State.WITHDRAWN, f"{words}."
        return steps


def _came(step: Event) -> bool:
    return _CAME_OR_WENT[Kind(step.kind)]


def _begin_at(last: Event, first: Event) -> None:
    """Let a step lead from what was before the first of several; both are about one field."""
    if last.kind != Kind.FIELD_CHANGED:
        return
    last.before = first.before
    last.difference, last.percent = difference(last.before, last.after)
