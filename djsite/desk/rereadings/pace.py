"""How far a rereading is, how fast it goes, and how long it will still take. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

SHORTEST = 4.0  # seconds that are long enough to measure in


class Mark(msgspec.Struct, frozen=True):
    """So many versions were read at a moment: somebody has looked then."""

    read: int
    at: datetime

    @classmethod
    def parse(cls, text: str) -> Mark | None:
        """What :meth:`__str__` has written; None for anything else."""
        read, dash, at = text.partition("-")
        if not (dash and read.isdecimal() and at.isdecimal() and len(read) < 19 and len(at) < 12):
            return None
        return cls(int(read), datetime.fromtimestamp(int(at), UTC))

    def __str__(self) -> str:
        return f"{self.read}-{int(self.at.timestamp())}"


@dataclass(frozen=True)
class Pace:
    """``per_second`` and ``seconds_left`` are None as long as nobody can say."""

    read: int
    total: int
    per_second: float | None
    mark: Mark  # to be given again with the next look

    @property
    def percent(self) -> int:
        """Of the versions, rounded down."""
        return min(100, self.read * 100 // self.total) if self.total else 0

    @property
    def seconds_left(self) -> float | None:
        return (self.total - self.read) / self.per_second if self.per_second else None


def pace_of(read: int, total: int, asked: datetime, now: datetime, mark: Mark | None) -> Pace:
    """Measured since the first look at it, if that was long enough ago, else since it was asked for."""
    if mark is None or mark.read > read or mark.at > now:
        mark = Mark(read, now)
    begun = mark if (now - mark.at).total_seconds() >= SHORTEST else Mark(0, asked)
    seconds = (now - begun.at).total_seconds()
    per_second = (read - begun.read) / seconds if seconds > 0 else 0.0
    return Pace(read, total, per_second or None, mark)
