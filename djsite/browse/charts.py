"""The numbers behind the site's small charts; the templates only draw them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt

from catalog.models import Run
from catalog.packing import Look, Saw
from crawler.outcomes import Outcome
from djsite.desk.words import StateWords, run_words

STEP = 8  # width of a bar of the strip, with its gap
HEIGHT = 28
OUTCOMES = tuple(outcome.label for outcome in Outcome)


@dataclass(frozen=True)
class Segment:
    """A part of a bar, in percent of its width."""

    label: str
    count: int
    start: float
    width: float

    @property
    def words(self) -> str:
        return f"{self.count} {self.label}"


def outcome_segments(run: Run) -> list[Segment]:
    """A run's outcomes and what still waits, as parts of a whole that fill it exactly."""
    counts = [(label, getattr(run, label)) for label in OUTCOMES]
    counts.append(("waiting", max(0, run.discovered - run.done)))
    total = sum(count for _, count in counts)
    segments, start = [], 0.0
    for label, count in counts:
        if count:
            width = count * 100 / total
            segments.append(Segment(label, count, round(start, 3), round(width, 3)))
            start += width
    return segments


@dataclass(frozen=True)
class Bar:
    """One run in the strip of a seed's last runs."""

    run: Run
    tone: str
    label: str
    x: int
    y: int
    height: int

    @property
    def words(self) -> str:
        """When the run was due, how it went and how much it did."""
        noun = "address" if self.run.done == 1 else "addresses"
        failed = f", {self.run.failed} failed" if self.run.failed else ""
        failed += f" ({self.run.known_failures} accepted)" if self.run.known_failures else ""
        return f"{self.run.slot:%Y-%m-%d %H:%M} UTC: {self.label}, {self.run.done} {noun}{failed}"


def run_bars(runs: Sequence[Run], slots: int) -> list[Bar]:
    """The newest ``slots`` of ``runs`` (newest first) from left to right, higher with more work."""
    oldest_first = list(reversed(runs[:slots]))
    most = max((run.discovered for run in oldest_first), default=0) or 1
    bars = []
    for place, run in enumerate(oldest_first, start=slots - len(oldest_first)):
        height = 8 + round((HEIGHT - 8) * sqrt(run.discovered / most))
        if not run.discovered:
            height = HEIGHT if run.state == Run.State.MISSED else 8
        words = words_of(run)
        bars.append(Bar(run, words.tone, words.label, place * STEP, HEIGHT - height, height))
    return bars


@dataclass(frozen=True)
class LookBar:
    """One look in the strip of a page's last looks."""

    look: Look
    tone: str
    x: int
    y: int
    height: int

    @property
    def words(self) -> str:
        return f"{self.look.at:%Y-%m-%d %H:%M} UTC: {self.look.saw.label}"


_LOOKS = {Saw.SAME: ("idle", 10), Saw.CHANGE: ("run", HEIGHT), Saw.NOTHING: ("bad", HEIGHT // 2)}


def look_bars(looks: Sequence[Look]) -> list[LookBar]:
    """Looks (newest first) from left to right, high where the page had changed."""
    return [
        LookBar(look, tone, place * STEP, HEIGHT - height, height)
        for place, look in enumerate(reversed(looks))
        for tone, height in [_LOOKS[look.saw]]
    ]


def words_of(run: Run) -> StateWords:
    """A run's state in words; finished ones say how they went."""
    return run_words(run.state, run.reason or "", run.stored + run.unchanged, run.unknown_failures)


@dataclass(frozen=True)
class Column:
    """One hour or minute of the dashboard's chart: parts from the bottom up, in percent of the whole."""

    begin: datetime
    x: float
    width: float
    parts: list[tuple[str, int, float, float]]  # label, count, y, height

    @property
    def words(self) -> str:
        """When it began, and the visits of each outcome."""
        counts = ", ".join(f"{count} {label}" for label, count, _, _ in self.parts)
        return f"{self.begin:%H:%M} UTC: {counts or 'nothing'}"


def columns(tallies: Mapping[datetime, Mapping[str, int]], last: datetime, step: timedelta) -> list[Column]:
    """A day of hours or an hour of minutes, the column of ``last`` at the right, scaled to the busiest."""
    number = 24 if step >= timedelta(hours=1) else 60
    most = max((sum(tally.values()) for tally in tallies.values()), default=0) or 1
    times = [last - step * back for back in range(number - 1, -1, -1)]
    pitch = 100 / number
    return [
        Column(begin, round(place * pitch, 3), round(pitch * 0.8, 3), _parts(tallies.get(begin, {}), most))
        for place, begin in enumerate(times)
    ]


def _parts(tally: Mapping[str, int], most: int) -> list[tuple[str, int, float, float]]:
    parts, bottom = [], 100.0
    for label, count in tally.items():
        if count:
            height = max(count * 100 / most, 1.0)
            bottom -= height
            parts.append((label, count, round(max(bottom, 0.0), 2), round(height, 2)))
    return parts
