"""The rows of a large installation, written through the models in bulk.

For a million pages: 1.2 million versions, 1.1 million records, 1.15 million visits, 100,000 hosts, 20,000
runs and 202 seeds, of which the first has eight pages of ten. Other sizes keep these shares.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Max, Model

from benchmarks.browse.page_rows import LENGTH, OF_BATCH, OF_HOST, RANK, Owner, PageRows
from catalog.models import Batch, Page, Reading, Record, RuleSet, Run, RunHost, Seed, Snapshot, Visit
from catalog.sql import bulk
from crawler.collections import PAGES
from crawler.lanes import Lane
from crawler.outcomes import Outcome
from pipelines.frontier.hosts import host_ids

SEEDS = 202
SHARE_OF_FIRST = 8  # of ten pages
OF_RUN = 50  # pages
PART = 20_000  # pages a transaction writes
FIELDS = [{"name": name, "css": f".{name}"} for name in ("headline", "price", "author")]
RULES = [{"name": PAGES, "fields": FIELDS}]


def make_owners(names: Sequence[str], now: datetime) -> list[Owner]:
    """Seeds, each with its rules and two runs."""
    with transaction.atomic():
        seeds = Seed.objects.bulk_create(
            Seed(
                name=name,
                start_urls=f"http://host-{number}.example/",
                schedule=Seed.Schedule.MANUAL,
                fields=FIELDS,
            )
            for number, name in enumerate(names)
        )
        rules = RuleSet.objects.bulk_create(
            RuleSet(
                seed=seed,
                number=1,
                rules=RULES,
                digest=f"{seed.pk:016x}",
                in_force_since=now,
            )
            for seed in seeds
        )
        runs = [
            Run.objects.bulk_create(
                _run(seed, of, now - timedelta(days=days)) for seed, of in zip(seeds, rules, strict=True)
            )
            for days in (2, 1)
        ]
    return [
        Owner(seed.pk, of.pk, (first.pk, second.pk))
        for seed, of, first, second in zip(seeds, rules, *runs, strict=True)
    ]


def make_old_runs(owners: Sequence[Owner], count: int, now: datetime) -> None:
    """Runs whose visits were pruned."""
    seeds = list(Seed.objects.filter(pk__in=[owner.seed for owner in owners]).order_by("pk"))
    rules = list(RuleSet.objects.filter(seed__in=seeds).order_by("seed_id"))
    for first in range(0, count, 1000):
        numbers = range(first, min(first + 1000, count))
        Run.objects.bulk_create(
            _run(
                seeds[at % len(seeds)],
                rules[at % len(seeds)],
                now - timedelta(days=40, minutes=at),
                unchanged=50,
            )
            for at in numbers
        )


def _run(seed: Seed, rules: RuleSet, at: datetime, unchanged: int = 0) -> Run:
    return Run(
        seed=seed,
        kind=Run.Kind.SCHEDULED,
        slot=at,
        state=Run.State.FINISHED,
        rank=RANK,
        rule_set=rules,
        policy_json=seed.policy().plain(),
        roots=[seed.start_urls],
        created_at=at,
        started_at=at,
        finished_at=at + timedelta(hours=1),
        discovered=unchanged,
        unchanged=unchanged,
    )


def owner_of(owners: Sequence[Owner], number: int) -> Owner:
    """Whose the page of this number is."""
    first = number % 10 < SHARE_OF_FIRST
    return owners[0 if first else (1 + number // 10) % len(owners)]


class Filler:
    """Writes pages with all that belongs to them, and counts what each run got."""

    def __init__(self, owners: Sequence[Owner], now: datetime) -> None:
        self._owners = owners
        self._first, self._second = now - timedelta(days=2), now - timedelta(days=1)
        self._counts: Counter[tuple[int, str]] = Counter()

    def write(self, count: int) -> None:
        """Write so many pages, with numbers that follow those that are there."""
        start = _last(Page) + 1
        for first in range(start, start + count, PART):
            pages = range(first, min(first + PART, start + count))
            whose = [owner_of(self._owners, page) for page in pages]
            with transaction.atomic():
                _check_no_references()
                self._write_part(pages, whose)
        self._count_runs()

    def _write_part(self, pages: range, whose: Sequence[Owner]) -> None:
        origins = {f"http://host-{page // OF_HOST}.example:80" for page in pages}
        ids = host_ids(sorted(origins))
        hosts = [ids[f"http://host-{page // OF_HOST}.example:80"] for page in pages]
        batches = self._batches(len(pages))
        pairs = {(owner.runs[0], host) for owner, host in zip(whose, hosts, strict=True)}
        RunHost.objects.bulk_create(
            [RunHost(run_id=run, host_id=host, discovered=OF_HOST) for run, host in sorted(pairs)],
            ignore_conflicts=True,
        )
        again = [page for page in pages if page % 5 == 0]  # those with a second version
        first_version = _last(Snapshot) + 1
        second_of = {page: first_version + len(pages) + at for at, page in enumerate(again)}
        rows = [
            PageRows(page, owner, host, batch, first_version + at, second_of.get(page))
            for at, (page, owner, host, batch) in enumerate(zip(pages, whose, hosts, batches, strict=True))
        ]
        self._insert(rows)

    def _batches(self, count: int) -> list[int]:
        made = Batch.objects.bulk_create(
            Batch(
                folder=f"batches/{self._first:%Y/%m/%d/%H%M%S}-{_last(Batch) + 1 + number:010x}",
                lane=Lane.NORMAL,
                rank=RANK,
                state=Batch.State.STORED,
                visits_count=OF_BATCH,
                segment_bytes=LENGTH * OF_BATCH * 6 // 5,
                live_bytes=LENGTH * OF_BATCH * 6 // 5,
                due_at=self._first,
            )
            for number in range(-(-count // OF_BATCH))
        )
        return [made[at // OF_BATCH].pk for at in range(count)]

    def _insert(self, rows: Sequence[PageRows]) -> None:
        times = self._first, self._second  # of the first page
        _insert(Page, [row.page_values(*times) for row in rows])
        versions = [row.version_values(self._first) for row in rows]
        versions += [row.version_values(self._second, again=True) for row in rows if row.second]
        _insert(Snapshot, versions)
        _insert(Reading, [reading for row in rows for reading in row.readings()])
        _insert(Record, [row.record_values(*times) for row in rows])
        visits = [visit for row in rows for visit in row.visits(*times)]
        _insert(Visit, visits)
        for visit in visits:
            self._counts[visit["run_id"], Outcome(visit["outcome"]).label] += 1

    def _count_runs(self) -> None:
        for (run, outcome), count in self._counts.items():
            changes = {name: F(name) + count for name in ("discovered", outcome)}
            Run.objects.filter(pk=run).update(**changes)
        self._counts.clear()


def _insert(model: type[Model], rows: Sequence[dict[str, Any]]) -> None:
    bulk.insert(model, list(rows[0]), [list(row.values()) for row in rows])


def _last(model: type[Model]) -> int:
    last: int | None = model._default_manager.aggregate(last=Max("pk"))["last"]
    return last or 0


def _check_no_references() -> None:
    """PostgreSQL's checks of references, row by row, take most of the time."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
