"""Which versions of a page its seed keeps: a pure rule.

The first version and the last two are always kept: what was there at the beginning, and what changed last. Of
the others, those stay that are among the newest ``keep_versions`` and not older than ``keep_days``. With
``keep_daily``, each day's last stays too; if that is all that is asked for, today's are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from catalog.models import Seed

LAST = 2  # versions that are kept by every rule, with the first


class Kept(NamedTuple):
    """A stored version of a page."""

    id: int
    page_id: int
    batch_id: int
    fetched_at: datetime


class Rule(NamedTuple):
    """What a seed keeps; days are those of its time zone."""

    versions: int | None
    days: int | None
    daily: bool
    zone: ZoneInfo

    @classmethod
    def of(cls, seed: Seed) -> Rule:
        return cls(seed.keep_versions, seed.keep_days, seed.keep_daily, ZoneInfo(seed.time_zone))

    def not_needed(self, versions: Sequence[Kept], now: datetime) -> list[Kept]:
        """Of all versions of a page, oldest first, those that are not kept."""
        days = [each.fetched_at.astimezone(self.zone).date() for each in versions]
        today = now.astimezone(self.zone).date()
        return [
            version
            for at, version in enumerate(versions)
            if 0 < at < len(versions) - LAST
            and not self._is_recent(version, len(versions) - at, now, days[at] == today)
            and not self._ends_a_day(days, at)
        ]

    def _is_recent(self, version: Kept, from_last: int, now: datetime, is_of_today: bool) -> bool:
        if self.versions is None and self.days is None:
            return is_of_today or not self.daily
        young = self.days is None or version.fetched_at >= now - timedelta(days=self.days)
        return young and (self.versions is None or from_last <= self.versions)

    def _ends_a_day(self, days: Sequence[date], at: int) -> bool:
        return self.daily and days[at] != days[at + 1]
