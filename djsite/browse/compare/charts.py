"""The chart of a number over time: a line in steps, with gaps where there was no value. Templates draw it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from djsite.desk.compare.fields import Series, Step

WIDTH, HEIGHT, MARGIN = 1000.0, 100.0, 6.0
TIMES = 3  # that are written below
SPOTS = 120  # steps that have a title of their own to point at
ROWS = 200  # of the table


@dataclass(frozen=True)
class Spot:
    """A part of the chart to point at."""

    x: float
    width: float
    step: Step


@dataclass(frozen=True)
class StepChart:
    """A series drawn in a box of :data:`WIDTH` by :data:`HEIGHT` that is stretched to its place."""

    series: Series
    now: datetime

    @property
    def begin(self) -> datetime:
        return self.series.steps[0].begin

    @property
    def path(self) -> str:
        """The line as SVG has it; each stretch without gaps is a line of its own."""
        return " ".join(self._moves())

    def _moves(self) -> Iterator[str]:
        end: datetime | None = None
        for number, step in enumerate(self.series.steps):
            goes_on = number > 0 and end == step.begin
            y = self._y(step)
            yield f"V{y:g}" if goes_on else f"M{self._x(step.begin):g} {y:g}"
            end = step.end
            yield f"H{self._x(end):g}"

    @property
    def spots(self) -> list[Spot]:
        """The newest steps."""
        places = ((self._x(step.begin), self._x(step.end), step) for step in self.series.steps[-SPOTS:])
        return [Spot(x, round(max(end - x, 1.0), 1), step) for x, end, step in places]

    @property
    def times(self) -> list[datetime]:
        """From the left to the right."""
        span = self.now - self.begin
        return [self.begin + span * part / (TIMES - 1) for part in range(TIMES)]

    @property
    def short(self) -> bool:
        """Whether the times need hours."""
        return self.now - self.begin < timedelta(days=TIMES)

    @property
    def rows(self) -> list[Step]:
        """Of the table, newest first."""
        return self.series.steps[: -ROWS - 1 : -1]

    def _x(self, moment: datetime | None) -> float:
        span = (self.now - self.begin).total_seconds() or 1.0
        return round(WIDTH * ((moment or self.now) - self.begin).total_seconds() / span, 1)

    def _y(self, step: Step) -> float:
        lowest, highest = self.series.lowest.number, self.series.highest.number
        return round(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (step.number - lowest) / (highest - lowest), 1)
