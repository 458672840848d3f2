"""The values of a record over time: the steps of its numbers, and when it was gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from catalog.models import Event, Record
from crawler.reading.record import NOTHING, amount_of

MOST = 1_000  # earlier values of a record that are drawn, the newest
ABSENCES = 100  # times that a record was gone, the newest


class Span(NamedTuple):
    """A time; ``end`` None: until now."""

    begin: datetime
    end: datetime | None


class Step(NamedTuple):
    """What a field had during a time: its value, and the number in it."""

    begin: datetime
    end: datetime | None
    value: Any
    number: float


@dataclass(frozen=True)
class Series:
    """A field that is a number, or money of one currency. Between two steps, it may have had no value."""

    name: str
    unit: str
    steps: list[Step]  # oldest first, never empty

    @property
    def lowest(self) -> Step:
        return min(self.steps, key=lambda step: step.number)

    @property
    def highest(self) -> Step:
        return max(self.steps, key=lambda step: step.number)

    @property
    def last(self) -> Step:
        return self.steps[-1]


class _Had(NamedTuple):
    """The values that a record had during a time."""

    span: Span
    values: dict[str, Any]


def absences_of(record: Record) -> list[Span]:
    """When a record was gone, as far as events tell, oldest first; the last may last."""
    events = Event.objects.filter(record_id=record.pk, kind__in=Event.RECORDS).order_by("-pk")
    told = reversed(events.values_list("kind", "at")[: 10 * ABSENCES])
    spans: list[Span] = []
    gone: datetime | None = None
    for kind, at in told:
        if kind == Event.Kind.RECORD_GONE:
            gone = gone or at
        elif gone is not None:
            spans.append(Span(gone, at))
            gone = None
    if record.gone_at is not None:
        spans.append(Span(gone or record.gone_at, None))
    return spans[-ABSENCES:]


def series_of(record: Record, absences: Sequence[Span]) -> list[Series]:
    """The fields that are numbers throughout and have had two of them."""
    newest = record.earlier.order_by("-id").values_list("since", "until", "values")[:MOST]
    had = [_Had(Span(since, until), values) for since, until, values in reversed(newest)]
    had.append(_Had(Span(record.last_changed_at, None), record.values))
    names = dict.fromkeys(name for each in reversed(had) for name in each.values)
    every = (_series(name, had, absences, record.held.get(name)) for name in names)
    return [series for series in every if series is not None]


def _series(
    name: str, had: Sequence[_Had], absences: Sequence[Span], held_since: datetime | None
) -> Series | None:
    values = [each for each in had if each.values.get(name) not in NOTHING]
    numbers = [_number(each.values[name]) for each in values]
    units = {unit for _, unit in numbers}
    if len(units) != 1 or None in units or len({number for number, _ in numbers}) < 2:
        return None
    left_out = [*absences, *([Span(held_since, None)] if held_since else [])]
    steps: list[Step] = []
    for each, (number, _) in zip(values, numbers, strict=True):
        for begin, end in _without([each.span], left_out):
            _add(steps, Step(begin, end, each.values[name], number))
    return Series(name, str(units.pop() or ""), steps) if steps else None


def _number(value: Any) -> tuple[float, str | None]:
    """The number in a value and its unit, which is empty for plain numbers and None for what is no number."""
    amount = amount_of(value)
    return (float(amount[0]), amount[1]) if amount is not None else (0.0, None)


def _without(spans: list[Span], left_out: Iterable[Span]) -> list[Span]:
    """The parts of spans that lie outside of others."""
    for out in left_out:
        spans = [part for span in spans for part in _parts(span, out)]
    return spans


def _parts(span: Span, out: Span) -> Iterable[Span]:
    if span.begin < out.begin:
        yield Span(span.begin, out.begin if span.end is None or span.end > out.begin else span.end)
    if out.end is not None and (span.end is None or span.end > out.end):
        yield Span(max(span.begin, out.end), span.end)


def _add(steps: list[Step], step: Step) -> None:
    """Joined with the last one if that goes on."""
    last = steps[-1] if steps else None
    if last is not None and last.end == step.begin and last.value == step.value:
        steps[-1] = last._replace(end=step.end)
    else:
        steps.append(step)
