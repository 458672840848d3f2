"""What a check reports: what is wrong, and what to do about it."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any


class Level(enum.StrEnum):
    """A problem makes the exit status 1; a note is only said."""

    PROBLEM = "problem"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be. ``code`` is its name for programs, and never changes."""

    code: str
    told: str  # a sentence for people
    advice: str  # another: what to do
    level: Level = Level.PROBLEM
    examples: list[str] = field(default_factory=list)


Findings = Iterator[Finding]


@dataclass(frozen=True)
class Look:
    """How to look: at what time, at something that runs or at what it left, and how far."""

    now: datetime
    running: bool = True  # False: processes and Redis are not expected to be there
    whole: bool = False  # every segment of the archive, not the latest ones only


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
