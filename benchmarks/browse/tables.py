"""The rows of a large installation.

For a million pages: 1.2 million versions, a million records with 200,000 earlier values, a million events,
1.15 million visits and 100,000 that wait in a paused run, 100,000 hosts, 16,000 change sets, 20,000 runs
and 202 seeds, of which the first has eight pages of ten. Other sizes keep these shares.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count, Max, Model

from benchmarks.browse import statements
from benchmarks.browse.statements import LENGTH, OF_BATCH, RANK, MadePage
from catalog.models import Batch, ChangeSet, Host, Page, RuleSet, Run, Seed, Snapshot, Visit
from catalog.packing import Saw, add_look, pack_outlinks, pack_text
from catalog.sql import bulk
from crawler.collections import PAGES
from crawler.lanes import Lane
from crawler.outcomes import Outcome
from crawler.rules.keys import Keys
from crawler.rules.urls import url_fingerprint

SEEDS = 202
SHARE_OF_FIRST = 8  # of ten pages
OF_RUN = 50  # pages
OF_HOST = 10  # pages
PART = 100_000  # pages a transaction writes
TYPES = {"headline": "text", "price": "money", "stock": "number", "day": "date", "author": "text"}
FIELDS = [{"name": name, "css": f".{name}", "type": kind} for name, kind in TYPES.items()]
RULES = [{"name": PAGES, "fields": FIELDS}]
TEXT = pack_text("An article about something that people read once and then forget again. " * 30)
LINKS = pack_outlinks([Keys().link(f"http://host-0.example/articles/page-{at}.html") for at in range(40)])


@dataclass(frozen=True)
class Owner:
    """What the pages of a seed belong to, as keys."""

    seed: int
    rules: int
    runs: tuple[int, int]  # the first stored every page, the second met some of them again
    paused: int = 0  # run in which pages wait


def url_of(number: int) -> str:
    """The address of a page; the first of each host is that of the folder of the others."""
    name = f"page-{number}.html" if number % OF_HOST else ""
    return f"http://host-{number // OF_HOST}.example/articles/{name}"


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


def with_paused_run(owner: Owner, now: datetime) -> Owner:
    """The owner with a run in which pages may wait: paused, so that no worker fetches them."""
    seed, rules = Seed.objects.get(pk=owner.seed), RuleSet.objects.get(pk=owner.rules)
    run = _run(seed, rules, now)
    run.state, run.finished_at = Run.State.PAUSED, None
    run.save()
    return replace(owner, paused=run.pk)


def make_old_runs(owners: Sequence[Owner], count: int, now: datetime) -> None:
    """Runs whose visits were pruned."""
    fields = [field for field in Run._meta.concrete_fields if not field.primary_key]
    templates = []
    for owner in owners:
        seed, rules = Seed.objects.get(pk=owner.seed), RuleSet.objects.get(pk=owner.rules)
        run = _run(seed, rules, now, unchanged=50)
        templates.append(
            {each.column: each.get_db_prep_save(each.pre_save(run, True), connection) for each in fields}
        )
    times = ("slot", "created_at", "started_at", "finished_at")
    rows = []
    for at in range(count):
        begun = now - timedelta(days=40, minutes=at)
        rows.append(list((templates[at % len(owners)] | dict.fromkeys(times, begun)).values()))
    bulk.insert(Run, [str(name) for name in templates[0]], rows)


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

    def write(self, count: int) -> None:
        """Write so many pages, with numbers that follow those that are there."""
        start = _last(Page) + 1
        for first in range(start, start + count, PART):
            with transaction.atomic():
                _check_no_references()
                self._write_part(range(first, min(first + PART, start + count)))
        count_runs([run for owner in self._owners for run in (*owner.runs, owner.paused) if run])

    def _write_part(self, pages: range) -> None:
        statements.make_table(list(self._made(pages)))  # what it asks cannot be asked amid a COPY
        with connection.cursor() as cursor:
            for statement in statements.statements():
                cursor.execute(statement)

    def _made(self, pages: range) -> Iterator[MadePage]:
        hosts = _hosts(range(pages[0] // OF_HOST, pages[-1] // OF_HOST + 1), self._first)
        batches, sets = self._batches(len(pages)), _change_sets(-(-len(pages) // OF_BATCH) * 2)
        version = _last(Snapshot)
        looks = add_look(add_look(b"", self._first, Saw.CHANGE), self._second, Saw.SAME)
        for at, page in enumerate(pages):
            owner, batch = owner_of(self._owners, page), at // OF_BATCH
            second = version + len(pages) + 1 + at
            url = url_of(page)
            later = timedelta(milliseconds=page * 100 % 80_000_000 + 50)  # ten a second
            yield MadePage(
                number=page,
                fingerprint=url_fingerprint(url),
                seed=owner.seed,
                rules=owner.rules,
                first_run=owner.runs[0],
                second_run=owner.runs[1],
                paused_run=owner.paused,
                host=hosts[page // OF_HOST],
                batch=batches[batch],
                change_set=sets[2 * batch],
                later_set=sets[2 * batch + 1],
                version=version + 1 + at,
                second=second,
                url=url,
                digest=f"{page:064x}",
                first_at=_plain(self._first + later),
                second_at=_plain(self._second + later),
                body=TEXT,
                links=LINKS if page % OF_HOST == 0 else b"",
                looks=looks,
            )

    def _batches(self, count: int) -> list[int]:
        of_versions = LENGTH * OF_BATCH * 6 // 5
        rows = Batch.objects.bulk_create(
            Batch(
                folder=f"batches/{self._first:%Y/%m/%d/%H%M%S}-{_last(Batch) + 1 + number:010x}",
                lane=Lane.NORMAL,
                rank=RANK,
                state=Batch.State.STORED,
                visits_count=OF_BATCH,
                segment_bytes=of_versions,
                live_bytes=of_versions,
                due_at=self._first,
            )
            for number in range(-(-count // OF_BATCH))
        )
        return [row.pk for row in rows]


def _hosts(numbers: range, now: datetime) -> dict[int, int]:
    """The keys of these hosts by their numbers; of each thousand one fails."""
    origins = {f"http://host-{number}.example:80": number for number in numbers}
    kept = dict(Host.objects.filter(origin__in=origins).values_list("origin", "pk"))
    Host.objects.bulk_create(
        Host(
            origin=origin,
            robots_body="User-agent: *\nDisallow: /private\n",
            robots_status=200,
            robots_fetched_at=now,
            failures=5 if number % 1000 == 999 else 0,
            last_reason="timeout" if number % 1000 == 999 else "",
            last_fetch_at=now,
        )
        for origin, number in origins.items()
        if origin not in kept
    )
    kept = dict(Host.objects.filter(origin__in=origins).values_list("origin", "pk"))
    return {number: kept[origin] for origin, number in origins.items()}


def _plain(moment: datetime) -> str:
    """A time of UTC as Django writes it into SQLite."""
    return str(moment)[:-6]  # without +00:00


def _change_sets(count: int) -> list[int]:
    last = ChangeSet.objects.aggregate(last=Max("number"))["last"] or 0
    rows = ChangeSet.objects.bulk_create(ChangeSet(number=last + 1 + at) for at in range(count))
    return [row.pk for row in rows]


def count_runs(runs: Sequence[int]) -> None:
    """Set the counts of runs to what their visits say."""
    counts: dict[int, dict[str, int]] = {run: {"discovered": 0} for run in runs}
    visits = Visit.objects.filter(run__in=runs).order_by().values_list("run", "outcome")
    for run, outcome, count in visits.annotate(count=Count("pk")):
        counts[run]["discovered"] += count
        if outcome is not None:
            counts[run][Outcome(outcome).label] = count
    for run, changes in counts.items():
        Run.objects.filter(pk=run).update(**changes)


def _last(model: type[Model]) -> int:
    last: int | None = model._default_manager.aggregate(last=Max("pk"))["last"]
    return last or 0


def _check_no_references() -> None:
    """PostgreSQL's checks of references, row by row, take most of the time."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
