"""The work of the frontier bench: ``python -m benchmarks.frontier_work URLS HOSTS RESULT.json``."""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.core.management import call_command
from django.db import connection, transaction

import benchmarks.django_ready  # noqa: F401  before the tables
from crawler.records import Fetched, Outcome
from crawler.urls import link_to
from djsite.catalog.clock import db_now
from djsite.catalog.models import Host, Run, Seed, Visit
from pipelines.frontier import hosts, window
from pipelines.frontier.admit import Candidate, admit
from pipelines.frontier.window import HandOver
from pipelines.runs import create_run
from pipelines.store.verdicts import Verdict
from pipelines.store.visits import VisitBook

ADMITTED_AT_ONCE = 2_000
GROUP = 64  # visits that are handed over and finished together
LEASED = 256  # hosts a claim takes at most
FINISHED = 40_000  # visits that are taken through to their end
CLAIMS = 300
_SIZE_SQLITE = "SELECT sum(pgsize) FROM dbstat WHERE name GLOB 'catalog_visit*' OR name GLOB 'visit_*'"


def main(urls: int, host_count: int, result: Path) -> None:
    """Do everything once and write what was found."""
    call_command("migrate", verbosity=0)
    seed = Seed.objects.create(name="bench", start_urls="http://example.org/", schedule=Seed.Schedule.MANUAL)
    run = create_run(seed, Run.Kind.MANUAL, db_now(), db_now())
    assert run is not None
    Run.objects.filter(pk=run.pk).update(state=Run.State.OPEN, policy_json={"start_urls": []})
    found: dict[str, float] = {"admits": urls / _admit(run.pk, urls, host_count)}
    size = _size()
    found["bytes"] = size / urls
    claims = _claims(min(CLAIMS, urls // 100))
    found["claim_p99"] = statistics.quantiles(claims, n=100)[98]
    found["claim_median"] = statistics.median(claims)
    finished = min(FINISHED, urls)
    found["finishes"] = finished / _finish(finished)
    result.write_text(json.dumps(found))


def _admit(run_id: int, urls: int, host_count: int) -> float:
    """Seconds for admitting, in transactions as store makes them; making the links is not counted."""
    seconds = 0.0
    for candidates in _candidates(urls, host_count):
        began = time.perf_counter()
        with transaction.atomic():
            run = Run.objects.select_for_update().get(pk=run_id)
            admit(run, candidates, db_now())
            run.save(update_fields=["discovered"])
        seconds += time.perf_counter() - began
    return seconds


def _candidates(urls: int, host_count: int) -> Iterator[list[Candidate]]:
    """URLs of 60 characters; a batch's are on some hosts, as a group's links are."""
    dice = random.Random(0)
    made = 0
    while made < urls:
        near = [dice.randrange(host_count) for _ in range(64)]
        batch = []
        for number in range(made, min(urls, made + ADMITTED_AT_ONCE)):
            host = number if number < host_count else dice.choice(near)
            start = f"http://host-{host:05}.example.org/articles/"
            batch.append(Candidate(link_to(start + f"{number:0{60 - len(start)}}"), depth=1))
        made += len(batch)
        yield batch


def _size() -> int:
    """Bytes of the table of visits with its indexes."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("SELECT pg_total_relation_size('catalog_visit')")
            return int(cursor.fetchone()[0])
    with connection.cursor() as cursor:
        cursor.execute(_SIZE_SQLITE)
        return int(cursor.fetchone()[0])


def _claims(claims: int) -> list[float]:
    """Milliseconds of each claim of a session: lease hosts, then a window of one of them."""
    times = []
    for number in range(claims):
        began = time.perf_counter()
        claim = hosts.Claim(limit=4, max_rank=Host.NO_WORK - 1, owner="bench", token=f"t{number}", seconds=60)
        leased = hosts.lease(claim, db_now())
        window.due_visits(leased[0].pk, limit=GROUP, max_rank=98, in_hand=(), now=db_now())
        times.append((time.perf_counter() - began) * 1000)
        hosts.release(claim.token, leased, db_now())
    return times


def _finish(visits: int) -> float:
    """Seconds for claiming hosts and taking their visits to the end, group by group."""
    seconds = 0.0
    done = 0
    while done < visits:
        began = time.perf_counter()
        claim = hosts.Claim(
            limit=LEASED, max_rank=Host.NO_WORK - 1, owner="bench", token=f"f{done}", seconds=60
        )
        leased = hosts.lease(claim, db_now())
        for host in leased:
            due = window.due_visits(host.pk, limit=GROUP, max_rank=98, in_hand=(), now=db_now())
            _take_through([visit.id for visit in due], db_now().timestamp())
            done += len(due)
            if done >= visits:
                break
        hosts.release(claim.token, leased, db_now())
        seconds += time.perf_counter() - began
    return seconds


def _take_through(visit_ids: list[int], fetched_at: float) -> None:
    now = db_now()
    batch = window.hand_over(HandOver(f"folder-{visit_ids[0]}", 15, 0, visit_ids, 60), now)
    assert batch is not None
    with transaction.atomic():
        run = Run.objects.select_for_update().get()
        book = VisitBook(now + timedelta(0))
        for visit_id in visit_ids:
            book.finish(_fetched(visit_id, run.pk, fetched_at), Verdict(Outcome.UNCHANGED))
        book.write({})
        run.unchanged += len(visit_ids)
        run.save(update_fields=["unchanged"])
        batch.delete()
    assert not Visit.objects.filter(pk__in=visit_ids).exclude(state=Visit.State.DONE).exists()


def _fetched(visit_id: int, run_id: int, fetched_at: float) -> Fetched:
    return Fetched(
        visit_id=visit_id,
        run_id=run_id,
        url="http://host.example.org/",
        depth=1,
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
