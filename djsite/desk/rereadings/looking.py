"""What people are shown of rereadings: whether one is wanted, the list, and one of them. Only reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from catalog.models import Rereading, Seed, Snapshot
from crawler.collections import rules_digest
from djsite.desk.read.tally import MANY, Tally
from djsite.desk.rereadings.difference import CollectionDifference, Sum, difference_of, sum_of
from djsite.desk.rereadings.pace import Mark, Pace, pace_of
from djsite.desk.rereadings.words import words_of
from djsite.desk.words import StateWords
from pipelines.rereading import is_comparing, progress_of, unread_of
from pipelines.runs.rule_sets import pinned

SHOWN = 20  # versions that could not be read
PATIENCE = 60.0  # seconds after which somebody should have begun
State = Rereading.State
_READ = (State.WAITING, State.READING)
_OPEN = (*_READ, State.COMPARED)


@dataclass(frozen=True)
class Wanted:
    """What the page of a seed says: whether there is something to read, and what is under way.

    ``earlier`` counts the pages whose latest version was read by other rules, or by none.
    """

    possible: bool
    earlier: Tally | None = None
    unfinished: Rereading | None = None


@dataclass(frozen=True)
class UnreadVersion:
    """A version that could not be read, and the code of the reason."""

    version: Snapshot
    reason: str


@dataclass(frozen=True)
class Look:
    """One rereading, as far as it is."""

    rereading: Rereading
    words: StateWords
    pace: Pace | None  # while pages are read
    late: bool  # nobody has begun
    outdated: bool  # there are other rules now
    difference: list[CollectionDifference]
    sum: Sum
    unread: dict[str, int]  # by reason
    unread_versions: list[UnreadVersion]

    @property
    def is_moving(self) -> bool:
        """Whether to look again soon."""
        return self.rereading.finished_at is None and self.rereading.state != State.COMPARED

    @property
    def can_be_used(self) -> bool:
        return self.rereading.state == State.COMPARED and not self.outdated

    @property
    def can_be_dropped(self) -> bool:
        return self.rereading.state in _OPEN


def wanted(seed: Seed) -> Wanted:
    """Whether stored pages could or should be read again. At most :data:`MANY` pages are looked at."""
    rules = pinned(seed.policy()).collections
    if not rules:
        return Wanted(possible=False)
    in_force = seed.rule_sets.filter(digest=rules_digest(rules)).values("pk")
    others = ~Q(rule_set__in=in_force) | Q(rule_set=None)
    pages = seed.pages.exclude(latest=None).order_by("pk")[: MANY + 1]
    counts = pages.aggregate(all=Count("pk"), earlier=Count("pk", filter=others))
    if not counts["all"]:
        return Wanted(possible=False)
    unfinished = seed.rereadings.filter(finished_at=None).defer("difference").first()
    return Wanted(True, Tally(counts["earlier"]) if counts["earlier"] else None, unfinished)


def list_rereadings(seed: Seed) -> QuerySet[Rereading]:
    """All of a seed, without what they would change."""
    return seed.rereadings.select_related("rule_set", "created_by").defer("difference", "rule_set__rules")


def look_at(rereading: Rereading, now: datetime, mark: Mark | None) -> Look:
    """All that there is to see of one; ``mark`` is what was given with the first look."""
    before = rereading.state in _READ
    progress = progress_of(rereading)
    pace = pace_of(progress.read, progress.total, rereading.created_at, now, mark) if before else None
    waited = (now - rereading.created_at).total_seconds()
    difference = [] if before else difference_of(rereading)
    return Look(
        rereading=rereading,
        words=words_of(rereading, comparing=is_comparing(rereading)),
        pace=pace,
        late=before and not progress.read and waited > PATIENCE,
        outdated=_is_outdated(rereading),
        difference=difference,
        sum=sum_of(difference),
        unread=progress.unread,
        unread_versions=_unread_versions(rereading),
    )


def _is_outdated(rereading: Rereading) -> bool:
    if rereading.state not in _OPEN:
        return False
    return rereading.seed.rule_sets.latest("in_force_since").pk != rereading.rule_set_id


def _unread_versions(rereading: Rereading) -> list[UnreadVersion]:
    reasons = dict(unread_of(rereading, SHOWN))
    versions = Snapshot.objects.filter(pk__in=reasons).select_related("page").order_by("pk")
    shown = versions.only("fetched_at", "page__url")
    return [UnreadVersion(version, reasons[version.pk]) for version in shown]
