"""One host: what is queued there, its open runs, its last answers; bounded, however much there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from catalog.models import Attempt, Host, Page, Run, RunHost, Visit
from crawler.lanes import Lane, lane_of
from djsite.desk.read.tally import MANY, Tally, tally

ANSWERS = 20
RUNS = 20
TRIED = 200  # queued visits whose attempts are read


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
    discovered: int
    queued: int


def run_rows(host: Host, queue: Queue) -> list[RunRow]:
    """The open runs on a host, the most urgent first."""
    rows = (
        RunHost.objects.filter(host=host, run__in=Run.objects.open(), run__seed__deleted_at=None)
        .select_related("run__seed")
        .defer("run__policy_json", "run__roots")
        .order_by("run__rank", "-run_id")[:RUNS]
    )
    return [RunRow(row.run, row.discovered, queue.runs[row.run_id]) for row in rows]


@dataclass(frozen=True)
class Answer:
    """The answer to one request: of a visit that has ended, or of an attempt that was followed by another."""

    when: datetime
    visit: Visit
    row: Visit | Attempt  # with status, reason and time of the answer
    retried: bool


def answers(host: Host, queue: Queue) -> list[Answer]:
    """The last answers of a host, newest first: of visits that ended, and of attempts that ended none."""
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
    all_answers = [Answer(visit.fetched_at, visit, visit, False) for visit in ended if visit.fetched_at]
    all_answers += [Answer(attempt.fetched_at, attempt.visit, attempt, True) for attempt in tries]
    return _newest(answer for answer in all_answers if answer.visit.run.seed.deleted_at is None)


def _newest(answers: Iterable[Answer]) -> list[Answer]:
    return sorted(answers, key=lambda answer: (answer.when, answer.visit.pk), reverse=True)[:ANSWERS]


def pages_on(host: Host) -> Tally:
    """How many pages of the host are stored."""
    return tally(Page.objects.filter(host=host, seed__deleted_at=None))
