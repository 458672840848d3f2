"""The definition of a seed, as plain values."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Annotated, Any, Self

import msgspec

from crawler.collections import Collection, Field, of_fields
from crawler.lanes import Lane
from crawler.policy import LARGE, CrawlPolicy, Scope, Within
from crawler.seed_requests import SeedRequest

LINES = (
    "start_urls",
    "include",
    "exclude",
    "sitemaps",
    "ignore_params",
    "allow_networks",
    "headers",
    "accept",
    "noise",
)


class _Choice(enum.StrEnum):
    """A word that is stored, and its label for people."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        choice = str.__new__(cls, value)
        choice._value_ = value
        choice.label = label
        return choice


class Schedule(_Choice):
    """How a seed's due times are given."""

    MANUAL = "manual", "by hand only"
    INTERVAL = "interval", "every so often"
    CRON = "cron", "at set times (cron)"


class Overlap(_Choice):
    """What is done with a slot that comes due while the earlier run is still going."""

    SKIP = "skip", "leave it out"
    QUEUE = "queue", "it waits for its turn; one waits at a time"
    BOTH = "both", "run it beside the earlier one"


class CatchUp(_Choice):
    """What is done with slots that came due while nothing could open them."""

    SKIP = "skip", "leave them out"
    ONE = "one", "run once for all of them"
    ALL = "all", "run them one after the other, up to a limit"


class SeedSpec(CrawlPolicy, frozen=True, kw_only=True):
    """Everything that a person says about a seed: what its runs freeze, and when and how they are run."""

    name: str = ""
    schedule: Schedule = Schedule.INTERVAL
    interval_seconds: int | None = None
    cron: str = ""
    time_zone: str = "UTC"
    overlap: Overlap = Overlap.SKIP
    catch_up: CatchUp = CatchUp.ONE
    catch_up_limit: Annotated[int, Within(1, 100)] = 10  # slots
    lane: Lane = Lane.NORMAL
    priority: Annotated[int, Within(0, 9)] = 5  # 9 goes first
    max_minutes: Annotated[int | None, Within(1, LARGE)] = None  # of a run
    use_sitemaps: bool = True  # those that robots.txt of the start URLs' hosts names
    headers: tuple[tuple[str, str], ...] = ()  # secret: only the fetch stage reads them
    robots_reason: str = ""  # who allowed to ignore robots.txt
    second_look_minutes: Annotated[int | None, Within(1, 1440)] = 5  # after a change that alerts would tell
    keep_versions: Annotated[int | None, Within(2, LARGE)] = None  # of a page
    keep_days: Annotated[int | None, Within(1, 36_500)] = None  # versions older than this are not needed
    keep_daily: bool = False  # of older versions, each day's last is kept
    fields: tuple[Field, ...] = ()  # of every page: the short form of a collection

    def policy(self) -> CrawlPolicy:
        """What a run of this seed freezes when it opens.

        Sitemaps serve seeds that follow links: with single pages or depth 0 none is used.
        """
        follows_links = self.scope != Scope.PAGE and self.max_depth != 0
        policy = msgspec.convert(self, CrawlPolicy, from_attributes=True)
        return msgspec.structs.replace(
            policy,
            collections=(*of_fields(self.fields), *self.collections),
            sitemaps=self.sitemaps if follows_links else (),
            robots_sitemaps=self.use_sitemaps and follows_links,
            max_seconds=self.max_minutes * 60 if self.max_minutes else None,
        )


def lines(text: str) -> list[str]:
    """The lines that are not empty, trimmed."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def spec_of(written: Mapping[str, Any]) -> SeedSpec:
    """A seed's definition from what was written and checked before (:func:`crawler.seeds.check`).

    ``written`` has the names of :class:`SeedSpec`: those of :data:`LINES` as text, an entry a line,
    ``fields``, ``collections`` and ``requests`` in plain form, the others as they are. Raises ValueError for
    what is none.
    """
    values = dict(written)
    values |= {name: tuple(lines(values[name])) for name in LINES if name in values}
    if "headers" in values:
        values["headers"] = tuple(_pair(line) for line in values["headers"])
    values["requests"] = tuple(map(SeedRequest.of, values.get("requests", ())))
    values["fields"] = tuple(map(Field.of, values.get("fields", ())))
    values["collections"] = tuple(map(Collection.of, values.get("collections", ())))
    return msgspec.convert(values, SeedSpec)


def _pair(header: str) -> tuple[str, str]:
    name, _, value = header.partition(":")
    return name.strip(), value.strip()
