"""What the list of hosts and the page of a host show: bounded, however much is queued or kept."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import IntegerField, OuterRef, QuerySet, Subquery

from catalog.models import Attempt, Host, Page, Run, RunHost, Visit
from crawler.lanes import Lane, lane_of
from crawler.policy import CrawlPolicy
from crawler.rules.pace import Lessons, Pace, pace_of
from djsite.desk.host_words import Said, robots_of, state
from djsite.desk.queries import MANY, Tally, tally

ANSWERS = 20
RUNS = 20
QUEUED = 1_000  # counts of the list stop here: fifty of them make a page
TRIED = 200  # queued visits whose tries are looked at

Policies = dict[int, list[CrawlPolicy]]


def hosts(run: int | None = None) -> QuerySet[Host]:
    """Hosts without their robots.txt; those of one run."""
    found = Host.objects.defer("robots_body")
    return found.filter(run_hosts__run=run) if run else found


@dataclass(frozen=True)
class HostRow:
    """A host in the list; ``pace`` is None where no run is open."""

    host: Host
    state: Said
    queued: Tally
    pace: Pace | None


class Capped(Subquery):
    """The number of rows of a sliced query, counted by the database."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) capped)"
    output_field = IntegerField()


def host_rows(found: Sequence[Host], now: datetime) -> list[HostRow]:
    """The rows of the list, in three queries however many hosts."""
    keys = [host.pk for host in found]
    queue = Visit.objects.filter(host=OuterRef("pk"), state=Visit.State.QUEUED).order_by()
    counts = dict(
        Host.objects.filter(pk__in=keys).values_list("pk", Capped(queue.values("pk")[: QUEUED + 1]))
    )
    policies = open_policies(keys)
    # most files say nothing of a delay: those need not be read to know the pace
    telling = Host.objects.filter(pk__in=policies, robots_body__icontains="delay")
    bodies = dict(telling.values_list("pk", "robots_body"))
    rows = []
    for host in found:
        host.robots_body = bodies.get(host.pk, "")
        pace = pace_in_force(host, policies[host.pk]) if host.pk in policies else None
        rows.append(HostRow(host, state(host, now), Tally(counts.get(host.pk, 0), QUEUED), pace))
    return rows


_PACE = ("delay", "per_host", "obey_robots", "user_agent")


def open_policies(host_ids: Collection[int]) -> Policies:
    """By host: what the policies of the open runs there say of politeness, each combination once."""
    columns = [f"run__policy_json__{name}" for name in _PACE]
    rows = (
        RunHost.objects.filter(host__in=host_ids, run__in=Run.objects.open())
        .values_list("host_id", *columns)
        .distinct()
        .order_by()
    )
    policies: Policies = defaultdict(list)
    for host_id, *values in rows:
        policies[host_id].append(_policy(dict(zip(_PACE, values, strict=True))))
    return dict(policies)


def _policy(values: dict[str, Any]) -> CrawlPolicy:
    known = {name: value for name, value in values.items() if value is not None}
    if "user_agent" in known:
        known["user_agent"] = str(known["user_agent"])
    return CrawlPolicy(start_urls=(), **known)


def pace_in_force(host: Host, policies: Collection[CrawlPolicy]) -> Pace:
    """The pace at which the next session asks the host: the session's own rule."""
    return pace_of(
        policies,
        robots_of(host),
        Lessons(host.slowdown, host.failures),
        user_agent=settings.USER_AGENT,
        max_crawl_delay=settings.MAX_CRAWL_DELAY,
    )


# One host -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Queue:
    """What is queued on a host: how much, in which lanes and of which runs; the best :data:`MANY` at most."""

    tally: Tally
    lanes: list[tuple[Lane, int]]
    runs: Counter[int]
    tried: list[int]  # visits that were tried before


def queue_of(host: Host) -> Queue:
    """Read the host's queue, best first."""
    rows = list(
        Visit.objects.filter(host=host, state=Visit.State.QUEUED)
        .order_by("rank", "due_at")
        .values_list("pk", "run_id", "rank", "attempts")[: MANY + 1]
    )
    lanes = Counter(lane_of(rank) for _, _, rank, _ in rows[:MANY])
    runs = Counter(run_id for _, run_id, _, _ in rows[:MANY])
    tried = [pk for pk, _, _, attempts in rows if attempts]
    return Queue(Tally(len(rows)), sorted(lanes.items()), runs, tried[:TRIED])


@dataclass(frozen=True)
class RunRow:
    """An open run on a host: how many of its URLs were found there, and how many of those wait."""

    run: Run
    found: int
    queued: int


def run_rows(host: Host, queue: Queue) -> list[RunRow]:
    """The open runs on a host, the most urgent first."""
    found = (
        RunHost.objects.filter(host=host, run__in=Run.objects.open(), run__seed__deleted_at=None)
        .select_related("run__seed")
        .defer("run__policy_json", "run__roots")
        .order_by("run__rank", "-run_id")[:RUNS]
    )
    return [RunRow(row.run, row.discovered, queue.runs[row.run_id]) for row in found]


@dataclass(frozen=True)
class Answer:
    """What came of one request: of a visit that has ended, or of a try that was followed by another."""

    when: datetime
    visit: Visit
    said: Visit | Attempt
    retried: bool


def answers(host: Host, queue: Queue) -> list[Answer]:
    """The last answers of a host, newest first: of visits that ended, and of tries that ended none."""
    ended = list(
        Visit.objects.filter(host=host, fetched_at__isnull=False)
        .select_related("run__seed")
        .defer("run__policy_json", "run__roots")
        .order_by("-fetched_at")[:ANSWERS]
    )
    retried = [visit.pk for visit in ended if visit.attempts > 1]
    tries = (
        Attempt.objects.filter(visit__in=[*retried, *queue.tried])
        .select_related("visit__run__seed")
        .defer("visit__run__policy_json", "visit__run__roots")
        .order_by("-fetched_at")[:ANSWERS]
    )
    found = [Answer(visit.fetched_at, visit, visit, False) for visit in ended if visit.fetched_at]
    found += [Answer(attempt.fetched_at, attempt.visit, attempt, True) for attempt in tries]
    return _newest(answer for answer in found if answer.visit.run.seed.deleted_at is None)


def _newest(found: Iterable[Answer]) -> list[Answer]:
    return sorted(found, key=lambda answer: (answer.when, answer.visit.pk), reverse=True)[:ANSWERS]


def pages_on(host: Host) -> Tally:
    """How many pages of the host are stored."""
    return tally(Page.objects.filter(host=host, seed__deleted_at=None))


def hosts_of(run: Run, limit: int = 3) -> list[Host]:
    """The hosts on which a run found most, one more than ``limit`` if there are."""
    rows = RunHost.objects.filter(run=run).order_by("-discovered", "pk")
    return [row.host for row in rows.select_related("host").only("host__origin")[: limit + 1]]
