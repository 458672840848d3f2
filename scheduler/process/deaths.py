"""Which processes have ended lately without being asked to, written down by the keeper that restarts them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from catalog.models import Heartbeat

MANY = 3  # deaths of a process within WINDOW that are no accident
WINDOW = timedelta(minutes=10)
ADVICE = (
    "Look at its log. A machine with too little memory kills it, and parsing needs /dev/shm: "
    "docs/operations.md says how much is needed."
)
_ROW = "deaths on "


def note(name: str, machine: str, now: datetime) -> int:
    """Write down that a process has ended; returns how often it did within :data:`WINDOW`."""
    row, _ = Heartbeat.objects.get_or_create(
        name=f"{_ROW}{machine}"[:100], defaults={"started_at": now, "seen_at": now}
    )
    entries = [(process, at) for process, at in row.info.get("deaths", []) if _recent(at, now)]
    entries.append((name, now.isoformat()))
    Heartbeat.objects.filter(pk=row.pk).update(seen_at=now, info={"deaths": entries})
    return sum(process == name for process, _ in entries)


def lately(hearts: Iterable[Heartbeat], now: datetime) -> dict[str, int]:
    """How often each process has ended within :data:`WINDOW`."""
    counts: dict[str, int] = {}
    for heart in hearts:
        if heart.name.startswith(_ROW):
            for name, at in heart.info.get("deaths", []):
                if _recent(at, now):
                    counts[name] = counts.get(name, 0) + 1
    return counts


def sentence(name: str, number: int) -> str:
    """What is said about it."""
    return f"{name} ended {number} times in the last {WINDOW.total_seconds() / 60:g} minutes."


def _recent(at: str, now: datetime) -> bool:
    return abs(now - datetime.fromisoformat(at)) < WINDOW
