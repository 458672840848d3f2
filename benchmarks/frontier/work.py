"""The work of the frontier bench: ``python -m benchmarks.frontier.work URLS HOSTS RESULT.json``.

Threads work on several runs at the same time, as those of a worker do: a run's row is locked while its visits
change, and a commit waits for the disk. SQLite has one writer, so it gets one thread.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

import benchmarks.kit.django_ready  # noqa: F401  before the tables
from catalog.clock import db_now
from catalog.models import Batch, Host, Run, Seed, Visit
from catalog.schema import bring_up_to_date
from catalog.sql.frontier import Ask
from crawler.outcomes import Outcome
from crawler.rules.keys import Keys
from pipelines.frontier import batches, hosts, window
from pipelines.frontier.admit import Candidate, admit
from pipelines.frontier.batches import HandOver
from pipelines.frontier.window import Due
from pipelines.handover import Fetched
from pipelines.runs import create_run
from pipelines.store.decisions import Decision
from pipelines.store.visits import BatchVisits

RUNS = 4
ADMITTED_AT_ONCE = 2_000
LEASED = 256  # hosts a claim takes at most
FINISHED = 40_000  # visits that are taken through to their end
CLAIMS = 300
_SIZE_SQLITE = "SELECT sum(pgsize) FROM dbstat WHERE name GLOB 'catalog_visit*' OR name GLOB 'visit_*'"


def main(urls: int, host_count: int, result: Path) -> None:
    """Do everything once and write the figures."""
    bring_up_to_date()
    runs = [_run(number) for number in range(RUNS)]
    batches = [(runs[at % RUNS], batch) for at, batch in enumerate(_candidates(urls, host_count))]
    figures: dict[str, float] = {"admits": urls / _admit(batches), "bytes": _size() / urls}
    claims = _claims(min(CLAIMS, urls // 100))
    figures["claim_p99"] = statistics.quantiles(claims, n=100)[98]
    figures["claim_median"] = statistics.median(claims)
    finished = min(FINISHED, urls)
    figures["finishes"] = finished / _finish(finished)
    assert Visit.objects.filter(state=Visit.State.DONE).count() == finished
    result.write_text(json.dumps(figures))


def _run(number: int) -> int:
    """An open run of a seed of its own."""
    seed = Seed.objects.create(
        name=f"bench {number}", start_urls="http://example.org/", schedule=Seed.Schedule.MANUAL
    )
    run = create_run(seed, Run.Kind.MANUAL, db_now(), db_now())
    assert run is not None
    Run.objects.filter(pk=run.pk).update(state=Run.State.OPEN, policy_json={"start_urls": []})
    return run.pk


def _seconds_for(work: Callable[[Any], object], items: list[Any]) -> float:
    """Seconds that the threads need to do this work with all items."""
    began = time.perf_counter()
    if connection.vendor == "sqlite":
        for item in items:
            work(item)
    else:
        with ThreadPoolExecutor(RUNS) as pool:
            list(pool.map(work, items))
    return time.perf_counter() - began


def _admit(batches: list[tuple[int, list[Candidate]]]) -> float:
    """Seconds for admitting, in transactions as store makes them; the links are there before."""
    return _seconds_for(_admit_batch, batches)


@transaction.atomic
def _admit_batch(work: tuple[int, list[Candidate]]) -> None:
    run_id, candidates = work
    run = Run.objects.select_for_update().get(pk=run_id)
    admit(run, candidates, db_now())
    run.save(update_fields=["discovered"])


def _candidates(urls: int, host_count: int) -> Iterator[list[Candidate]]:
    """URLs of 60 characters; those of a batch are on few hosts, as the links of a group are."""
    dice = random.Random(0)
    done = 0
    while done < urls:
        near = [dice.randrange(host_count) for _ in range(64)]
        batch = []
        for number in range(done, min(urls, done + ADMITTED_AT_ONCE)):
            host = number if number < host_count else dice.choice(near)
            start = f"http://host-{host:05}.example.org/articles/"
            batch.append(Candidate(Keys().link(start + f"{number:0{60 - len(start)}}"), depth=1))
        done += len(batch)
        yield batch


def _size() -> int:
    """Bytes of the table of visits and its indexes."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("SELECT pg_total_relation_size('catalog_visit')")
            return int(cursor.fetchone()[0])
    with connection.cursor() as cursor:
        cursor.execute(_SIZE_SQLITE)
        return int(cursor.fetchone()[0])


def _claims(claims: int) -> list[float]:
    """Milliseconds of each claim of a session: it leases hosts, and loads the window of one of them."""
    times = []
    for number in range(claims):
        began = time.perf_counter()
        claim = hosts.Claim(limit=4, max_rank=Host.NO_WORK - 1, owner="bench", token=f"t{number}", seconds=60)
        leased = hosts.lease(claim, db_now())
        window.due_visits([Ask(leased[0].pk, settings.BATCH_PAGES)], max_rank=98, now=db_now())
        times.append((time.perf_counter() - began) * 1000)
        hosts.release(claim.token, leased, db_now())
    return times


def _finish(visits: int) -> float:
    """Seconds for claiming hosts and finishing their visits, in groups as sessions make them."""
    shares = [visits // RUNS] * RUNS
    return _seconds_for(_session, [(number, share) for number, share in enumerate(shares)])


def _session(work: tuple[int, int]) -> None:
    """Lease hosts, load their windows and finish their visits, until this thread's share is done."""
    number, share = work
    done = claims = 0
    while done < share:
        token = f"f{number}-{claims}"
        claim = hosts.Claim(LEASED // RUNS, Host.NO_WORK - 1, owner="bench", token=token, seconds=60)
        leased = hosts.lease(claim, db_now())
        claims += 1
        for group in _groups(leased, share - done):
            _finish_group(group)
            done += len(group)
        hosts.release(token, leased, db_now())


def _groups(leased: list[Host], most: int) -> Iterator[list[Due]]:
    """The due visits of hosts, mixed and cut to the size that a batch has."""
    size = settings.BATCH_PAGES
    waiting: list[Due] = []
    for host in leased:
        waiting += window.due_visits([Ask(host.pk, size)], max_rank=98, now=db_now())[0]
        if len(waiting) >= min(size, most):
            yield waiting[: min(size, most)]
            most -= min(size, most)
            waiting = waiting[size:]
        if not most:
            return
    if waiting:
        yield waiting[:most]


def _finish_group(group: list[Due]) -> None:
    now = db_now()
    ids = [due.id for due in group]
    batch = batches.hand_over(HandOver(f"folder-{ids[0]}", 15, 0, ids, 60), now)
    assert batch is not None
    with transaction.atomic():
        locked = Run.objects.select_for_update().filter(pk__in={due.run_id for due in group})
        runs = {run.pk: run for run in locked.order_by("pk")}
        book = BatchVisits(now)
        for due in group:
            book.finish(_fetched(due, now.timestamp()), Decision(Outcome.UNCHANGED))
            runs[due.run_id].unchanged += 1
        book.write({})
        for run in runs.values():
            run.save(update_fields=["unchanged"])
        Batch.objects.filter(pk=batch.pk).update(state=Batch.State.STORED)


def _fetched(due: Due, fetched_at: float) -> Fetched:
    return Fetched(
        visit_id=due.id,
        run_id=due.run_id,
        url=due.url,
        depth=due.depth,
        hops=0,
        attempts=1,
        status=200,
        reason=None,
        transient=False,
        location=None,
        elapsed_ms=20,
        fetched_at=fetched_at,
        content_type="text/html",
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
