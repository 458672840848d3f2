"""The urgent bench with Crawlbeat: ``python -m benchmarks.urgent.work ORDER.json``."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Collection, Mapping
from ipaddress import IPv4Address
from pathlib import Path
from unittest.mock import patch

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

import benchmarks.kit.django_ready  # noqa: F401  before the tables
from benchmarks.kit.bench_worker import with_keeper
from benchmarks.kit.measured_command import BenchError
from benchmarks.kit.site import FIELDS, address, path
from benchmarks.urgent.asks import ask_at_random_times
from benchmarks.urgent.bench import DELAY, Ask, Order, Outcome, pages_of
from benchmarks.urgent.web import MARK
from catalog.clock import db_now
from catalog.models import Host, Run, Seed, Visit
from crawler.lanes import Lane
from crawler.rules.keys import Keys
from crawler.rules.urls import host_of
from djsite.desk.recrawls import recrawl_urls
from embedded import services
from embedded.keeper import Keeper, free_beat_lock, give_back_work
from pipelines.frontier.admit import Candidate, admit
from pipelines.runs import create_run, start_run
from scheduler.redis_server import BROKER, client
from scheduler.wakeups import wake

HOSTS_OF_A_SEED = 100
ADMITTED_AT_ONCE = 2_000
KINDS, BUSY = 4, 3  # of hosts; bulk is at work on those of the last kind
BULK_WORKER = services.node_name(services.FETCH)


def _work(order: Order, keeper: Keeper) -> Outcome:
    outcome = Outcome()
    began = time.monotonic()
    with_work = _queue(order)
    outcome.build_seconds = time.monotonic() - began
    outcome.queued = Visit.objects.filter(state=Visit.State.QUEUED).count()
    keeper.start([*services.workers(give_back_work), services.beat(free_beat_lock)])
    wake({Lane.BULK: with_work})
    if not keeper.wait_until(lambda: Visit.objects.filter(state=Visit.State.DONE).exists(), 60):
        raise BenchError("nothing was crawled within a minute")
    keeper.wait_until(lambda: False, order.warm_up)
    outcome.redis_bytes = client(BROKER).info("memory")["used_memory"]
    asker = _Asker(order)
    ask_at_random_times(outcome, order.asks, asker.ask, keeper.wait)
    urgent = Run.objects.filter(kind=Run.Kind.RECRAWL, finished_at=None)
    keeper.wait_until(lambda: not urgent.exists(), 30)
    return outcome


# the backlog ------------------------------------------------------------------------------------------


def _queue(order: Order) -> set[int]:
    """Admit the backlog as store admits links; the ids of its hosts."""
    dice = random.Random(0)
    host_ids: set[int] = set()
    for first in range(0, order.hosts, HOSTS_OF_A_SEED):
        hosts = range(first, min(first + HOSTS_OF_A_SEED, order.hosts))
        run = _open_run(order, hosts)
        urls = [_url(order, host, page) for host in hosts for page in range(1, _pages(order, host))]
        dice.shuffle(urls)
        for at in range(0, len(urls), ADMITTED_AT_ONCE):
            candidates = [Candidate(Keys().link(url), depth=1) for url in urls[at : at + ADMITTED_AT_ONCE]]
            with transaction.atomic():
                locked = Run.objects.select_for_update().get(pk=run.pk)
                host_ids |= admit(locked, candidates, db_now()).host_ids
                locked.save(update_fields=["discovered"])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return host_ids


def _open_run(order: Order, hosts: range) -> Run:
    """A bulk run whose start URLs are the first pages of the hosts."""
    seed = Seed.objects.create(
        name=f"hosts from {hosts.start}",
        start_urls="\n".join(_url(order, host, 0) for host in hosts),
        schedule=Seed.Schedule.MANUAL,
        lane=Lane.BULK,
        delay=DELAY,
        allow_networks="127.0.0.0/8",
        fields=[{"name": name, "css": css} for name, css in FIELDS.items()],
        max_same_text=None,  # the hosts say the same
    )
    now = db_now()
    run = create_run(seed, Run.Kind.SCHEDULED, now, now)
    assert run is not None
    start_run(run, now)
    return run


def _pages(order: Order, host: int) -> int:
    return pages_of(host, order.urls, order.hosts)


def _url(order: Order, host: int, page: int) -> str:
    return f"http://{address(host)}:{order.port}{path(page)}"


# asking -----------------------------------------------------------------------------------------------


class _Asker:
    """Asks for pages as ``crawlbeat recrawl URL`` does, of hosts that nobody holds and that bulk holds."""

    def __init__(self, order: Order) -> None:
        self._dice = random.Random(1)
        self._most = _pages(order, 1)
        self._patience = order.warm_up
        self._committed = 0.0
        patch("djsite.desk.recrawls.wake", self._wake).start()

    def _wake(self, hosts: Mapping[Lane, Collection[int]]) -> bool:
        """The desk wakes the sessions as soon as an order is committed."""
        self._committed = time.monotonic()
        return wake(hosts)

    def ask(self, number: int) -> Ask:
        """Order a page and have it fetched."""
        host, busy = self._choose(number)
        url = f"{host.origin}{path(self._dice.randrange(self._most))}{MARK}{number}"
        began = time.monotonic()
        recrawl_urls([url], db_now())
        return Ask(
            number=number,
            host=int(IPv4Address(host_of(url))),
            began=began,
            committed=self._committed,
            held=host.lease_owner == BULK_WORKER,
            busy=busy,
            known=host.robots_fetched_at is not None,
        )

    def _choose(self, number: int) -> tuple[Host, bool]:
        """A host of the four kinds in turn (see :meth:`_kind`), and whether bulk is at work on it."""
        end = time.monotonic() + self._patience
        while time.monotonic() < end:
            if host_ids := list(self._kind(number).order_by("pk").values_list("pk", flat=True)):
                return Host.objects.get(pk=self._dice.choice(host_ids)), number % KINDS == BUSY
            time.sleep(0.1)
        return self._dice.choice(list(Host.objects.all())), True  # there is none of that kind

    def _kind(self, number: int) -> QuerySet[Host]:
        """Held by nobody; by bulk without work; by nobody, and robots.txt not fetched; by bulk at work."""
        now = db_now()
        queued = Exists(Visit.objects.filter(host=OuterRef("pk"), state=Visit.State.QUEUED))
        held = Host.objects.filter(lease_owner=BULK_WORKER, lease_until__gt=now)
        unheld = Host.objects.filter(lease_owner="")
        kinds: list[Callable[[], QuerySet[Host]]] = [
            lambda: unheld.filter(next_request_at__lt=now),
            lambda: held.exclude(queued),
            lambda: unheld.filter(robots_fetched_at=None),
            lambda: held.filter(queued),
        ]
        return kinds[number % KINDS]()


if __name__ == "__main__":
    with_keeper(Path(sys.argv[1]), Order, _work)
