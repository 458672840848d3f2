"""Events as rows that people read: what happened in words, where it leads, and whether it is certain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from catalog.models import Event, SecondLook
from pipelines.telling.content import link_of
from pipelines.telling.filters import DOWN, UP
from pipelines.telling.words import OUTAGES, WELL_AGAIN, Words, parts, price_words, sentence

Kind = Event.Kind


@dataclass(frozen=True)
class ShownEvent:
    """An event with its words; mails say the same."""

    event: Event
    words: Words
    label: str  # a word or two for what happened, empty if the values say it
    tone: str  # of the label: good, bad, warn, run or none
    more: str  # what else there is to say: a price, a sentence
    link: str  # the path of our page about it
    second_look: SecondLook | None = None  # that it waits for

    @property
    def direction(self) -> str:
        """``up``, ``down``, or nothing for what has no size."""
        return (UP if self.event.difference > 0 else DOWN) if self.event.difference else ""

    @property
    def awaited(self) -> bool:
        """Whether a second look has yet to confirm it."""
        return self.event.state == Event.State.AWAITED

    @property
    def withdrawn(self) -> bool:
        """Whether a second look saw something else."""
        return self.event.state == Event.State.WITHDRAWN

    @property
    def look_due_at(self) -> datetime | None:
        """When it is looked at again; None for a look that is under way, or that nobody knows of."""
        return None if self.look_under_way or not self.second_look else self.second_look.due_at

    @property
    def look_under_way(self) -> bool:
        """Whether the second look has come due or was asked for."""
        look = self.second_look
        return look is not None and (look.state != SecondLook.State.WAITING or look.due_at <= timezone.now())

    @property
    def sentence(self) -> str:
        """All of it in one line."""
        return sentence(self.event)


def rows_of(events: Sequence[Event]) -> list[ShownEvent]:
    """Events, which have their seeds, as rows; a query more if some of them wait for a second look."""
    looks = _second_looks([event for event in events if event.state == Event.State.AWAITED])
    return [_row(event, looks.get(event.pk)) for event in events]


def _row(event: Event, look: SecondLook | None) -> ShownEvent:
    label, tone = _LABELS.get(event.kind, ("trouble", "warn"))
    return ShownEvent(event, parts(event), label, tone, _more(event), link_of(event), look)


_LABELS: dict[int, tuple[str, str]] = {
    Kind.RECORD_NEW: ("new", "good"),
    Kind.FIELD_CHANGED: ("", ""),
    Kind.RECORD_GONE: ("gone", "bad"),
    Kind.PAGE_NEW: ("new page", "good"),
    Kind.PAGE_CHANGED: ("page changed", "run"),
    Kind.PAGE_GONE: ("page gone", "bad"),
    Kind.WELL_AGAIN: ("well again", "good"),
}


def _more(event: Event) -> str:
    if event.kind == Kind.RECORD_NEW:
        return ". ".join(filter(None, (price_words(event), event.detail)))
    if event.kind in Event.RECORDS + Event.PAGES:
        return event.detail
    if event.kind == Kind.WELL_AGAIN:
        return f"{WELL_AGAIN[event.ends]} {event.detail}".rstrip()
    if event.kind in OUTAGES:
        return f"{OUTAGES[event.kind]}. {event.detail}" if event.detail else OUTAGES[event.kind]
    return ""


def _second_looks(events: Sequence[Event]) -> dict[int, SecondLook]:
    """By event, the second look that it waits for."""
    if not events:
        return {}
    looks = SecondLook.objects.filter(
        seed__in={event.seed_id for event in events}, page_id__in={event.page_id for event in events}
    )
    return {pk: look for look in looks for pk in look.events}
