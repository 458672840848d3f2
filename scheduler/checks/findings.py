"""What a check reports: what is wrong, and what to do about it."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from catalog.models import Heartbeat, Run
from scheduler.watch.mutes import muted
from scheduler.watch.setbacks import setbacks
from scheduler.watch.troubles import Trouble, troubles


class Level(enum.StrEnum):
    """A problem makes the exit status 1; a note is only printed."""

    PROBLEM = "problem"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be. ``code`` is its name for programs, and never changes."""

    code: str
    told: str  # what is wrong, a sentence for people
    advice: str  # what to do, a sentence for people
    level: Level = Level.PROBLEM
    examples: list[str] = field(default_factory=list)
    seeds: list[int] = field(default_factory=list)  # ids of those that it is about


Findings = Iterator[Finding]
Check = Callable[["CheckOptions"], Findings]


@dataclass(frozen=True)
class CheckOptions:
    """What a check is to expect and how far it is to look."""

    now: datetime
    running: bool = True  # False: processes and Redis are not expected to run
    whole: bool = False  # read every body in the archive, not only the lengths of the latest segments

    @cached_property
    def hearts(self) -> dict[str, Heartbeat]:
        """The last signs of life, by name; read once for all checks."""
        return {heart.name: heart for heart in Heartbeat.objects.all()}

    @cached_property
    def muted(self) -> dict[int, datetime]:
        """Seeds of which nobody wants to hear, and until when; read once."""
        return muted(self.now)

    @cached_property
    def troubles(self) -> list[Trouble]:
        """Seeds in trouble that are not muted; read once."""
        return [trouble for trouble in troubles() if trouble.seed.pk not in self.muted]

    @cached_property
    def setbacks(self) -> list[Run]:
        """Last runs of other seeds that failed where it matters; read once."""
        return setbacks({*self.muted, *(trouble.seed.pk for trouble in self.troubles)})

    @property
    def workers(self) -> list[Heartbeat]:
        """Those of workers."""
        return [heart for name, heart in self.hearts.items() if "@" in name]

    @property
    def late_level(self) -> Level:
        """Late work is no problem while nothing runs."""
        return Level.PROBLEM if self.running else Level.NOTE


@dataclass
class Report:
    """What was looked at, and what was found."""

    looked_at: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)  # area -> why
    findings: list[Finding] = field(default_factory=list)

    @property
    def problems(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.level == Level.PROBLEM]

    def plain(self) -> dict[str, Any]:
        """As plain data, for JSON."""
        return {"healthy": not self.problems, **asdict(self)}


EXAMPLES = 5
