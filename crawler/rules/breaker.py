"""The circuit breaker of a host: when it is left alone because it fails, and what is evidence for that.

One URL, one folder or one script that fails says little of its host while others answer. So only the first
failure of a URL counts, an answer from anywhere ends the count, and once a section has failed twice in a row
others are asked before it. A section that fails while others answer says nothing of the host any more.

Pure; times are epoch seconds and arguments, durations are seconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

BREAKER_THRESHOLD = 5  # URLs in a row that failed for a while
BREAKER_SECONDS = 30.0  # the first time; doubles with each probe that fails
BREAKER_MAX_SECONDS = 1800.0
PROBES = 6  # that fail before a host is given up: 31 minutes after the first failures

SUSPECT = 2  # failures in a row from which others are asked before a section
APART = 0  # instead of a number of failures: others answered meanwhile
MAX_SECTIONS = 16
LONGEST_SECTION = 200  # characters

_SECTION = re.compile(r"https?://[^/]*/(?:[^/?]*\?|(?:[^/?]+/){1,2}|[^/?0-9]*)")


def section_of(url: str) -> str:
    """The part of a host that probably fails together, as the beginning of its URLs.

    A folder (not deeper than two), a script with its ``?``, or at the top the name up to its first digit.
    """
    match = _SECTION.match(url)
    return (match[0] if match else url)[:LONGEST_SECTION]


class Breaker:
    """Counts the evidence that a host is down. Its two values are kept on the host's row."""

    def __init__(self, failures: int, failing: Mapping[str, int]) -> None:
        """``failing``: sections with their failures in a row, or :data:`APART`."""
        self.failures = failures
        self.failing = dict(failing)

    def answered(self, url: str) -> None:
        """A good answer, or one that only this URL is to blame for: the host is up."""
        if self.failures or self.failing:
            self.failures = 0
            self.failing = {
                section: APART
                for section, failures in self.failing.items()
                if failures != 1 and not url.startswith(section)
            }

    def is_apart(self, url: str) -> bool:
        """Whether a URL is of a section that fails while others answer."""
        return bool(self.failing) and self.failing.get(section_of(url)) == APART

    def failed(self, url: str, *, first_try: bool) -> bool:
        """A failure that may pass; True if it is evidence: the first of its URL, and of no section apart."""
        if not first_try or self.is_apart(url):
            return False
        section = section_of(url)
        self.failures += 1
        if section in self.failing or len(self.failing) < MAX_SECTIONS:
            self.failing[section] = self.failing.get(section, 0) + 1
        return True

    @property
    def last_sections(self) -> tuple[str, ...]:
        """The sections to ask only when there is nothing else to ask."""
        least = 1 if is_probing(self.failures) else SUSPECT
        return tuple(sorted(name for name, count in self.failing.items() if count == APART or count >= least))

    @property
    def given_up(self) -> bool:
        """Whether so many probes have failed that work for the host should wait no longer."""
        return self.failures >= BREAKER_THRESHOLD + PROBES


def breaker_open_until(failures: int, now: float, *, scale: float = 1.0) -> float | None:
    """When a host may be asked again after so much evidence in a row; None: at any time.

    Opens at :data:`BREAKER_THRESHOLD`. Afterwards a single probe is made (see :func:`is_probing`): if it
    fails, the breaker opens for twice as long; if it succeeds, the breaker closes (``failures`` is 0 again).
    ``scale`` shortens the wait (tests).
    """
    if failures < BREAKER_THRESHOLD:
        return None
    doublings = min(failures - BREAKER_THRESHOLD, 16)
    return now + min(BREAKER_SECONDS * 2.0**doublings, BREAKER_MAX_SECONDS) * scale


def is_probing(failures: int) -> bool:
    """Whether the breaker has opened and not closed again: one request at a time until one succeeds."""
    return failures >= BREAKER_THRESHOLD
