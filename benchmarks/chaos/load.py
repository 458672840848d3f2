"""The load: one large crawl after the other, a seed that is due all the time, and urgent recrawls."""

from __future__ import annotations

import contextlib
import logging
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from django.db import DatabaseError, connection

from benchmarks.chaos.shipped import KINDS, Shipped
from benchmarks.chaos.told import Receiver
from benchmarks.chaos.up import MARKER
from catalog.clock import db_now
from catalog.models import Attempt, Run, Seed, Visit
from djsite.desk.recrawls import recrawl_urls
from pipelines.runs import create_run
from scheduler import dispatch
from tests.fakeweb import Answer, FakeWeb, Request, linked_site, redirect
from tests.fakeweb.sites.shop import Shop

HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3")  # two for the large crawl, one for the schedule
DUE_PAGES = 12  # of the seed that is due all the time
URGENT_EVERY = 1.0  # seconds
SLOT_EVERY = 30  # seconds, times the scale
LATENCY = 0.04
LOCK_SECONDS = 5  # that an order waits for a lock
POISON = "/poison"
SLOW_START, SLOW_TARGET = "/slow", "/x/" + "a" * 60 + "!"
SLOW_PATTERN = "re:/x/(a+)+$"  # of Python's re, it would take years for the target
BAD_VALIDATOR = '"a\x01b"'  # may not be sent (RFC 9110, section 8.8.3), and so never back
SHOP_HOST = "127.0.0.4"  # of a shop that is crawled again and again: values change, items go and come
SHOP_ITEMS, SHOP_STARTS = (
    40,
    8,
)  # some items are start URLs, so that they are asked for when gone
HOT = 30  # pages that are recrawled; all others are requested by the large crawl only

log = logging.getLogger(__name__)


class Load:
    """Makes work for an ``up`` until :meth:`end`."""

    def __init__(self, pages: int, scale: float, dice: random.Random) -> None:
        self._dice = dice
        self._urgent_at = 0.0
        self._accounted = 0  # requests that rows account for
        self._floor = 0
        self.refused = 0
        self.recrawls = 0
        self.site = linked_site(pages)
        self._hot = dice.sample(self.site.paths, HOT)
        self._counted = self._crawled = 0  # requests so far: looked at, and of the large crawls
        self.web = FakeWeb(self.site, host=HOSTS[0], more_hosts=HOSTS[1:], latency=LATENCY)
        self.web.on(POISON, Answer(body=f"<h1>{MARKER}</h1>"))
        self.web.on(SLOW_START, redirect(SLOW_TARGET))
        self.web.on(SLOW_TARGET, Answer(body="<h1>At last</h1>"))
        self._validated = self.site.path(1)  # the page whose validator is sometimes a bad one
        self._poisoned = False
        self.web.route(self._validated, self._answer_validated)
        self._shop = Shop(size=SHOP_ITEMS)
        self.shop_web = FakeWeb(self._shop, host=SHOP_HOST, latency=LATENCY)
        self.receiver = Receiver(random.Random(dice.random()))  # noqa: S311
        self._slot_every = max(2, round(SLOT_EVERY * scale))

    def begin(self) -> None:
        """Write the seeds and open the first run."""
        common = {"delay": 0, "per_host": 4, "allow_networks": "127.0.0.0/8"}
        common["max_same_text"] = None  # the same site at two addresses is no trap here
        fields = [{"name": "title", "css": "h1::text"}]
        starts = [f"{self.url(host)}/" for host in HOSTS[:2]] + [self.url(HOSTS[0]) + POISON]
        self.large = Seed.objects.create(
            name="large", start_urls="\n".join(starts), schedule="manual", fields=fields, **common
        )
        self.due = Seed.objects.create(
            name="due",
            start_urls="\n".join(f"{self.url(HOSTS[2])}/p/{number}" for number in range(1, DUE_PAGES + 1)),
            scope="page",
            schedule="interval",
            interval_seconds=self._slot_every,
            **common,
        )
        self.slow = Seed.objects.create(
            name="slow",
            start_urls=self.url(HOSTS[2]) + SLOW_START,
            schedule="manual",
            include=SLOW_PATTERN,
            **common,
        )
        self._shop.base = self.shop_web.url
        paths = ["/", "/list?page=1", "/picks", *(self._shop.fact(at, 0).path for at in range(SHOP_STARTS))]
        self.shop = Seed.objects.create(
            name="shop",
            start_urls="\n".join(self.shop_web.url + path for path in paths),
            schedule="manual",
            collections=self._shop.collections("a"),
            **common,
        )
        self.receiver.listen_to(self.shop)
        self.shipped = [Shipped(self.shop, kind) for kind in KINDS]
        self._crawl()
        self._crawl(self.shop)

    def url(self, host: str) -> str:
        return f"http://{host}:{self.web.port}"

    @property
    def pages(self) -> set[str]:
        """Every page of the large crawl that can be stored."""
        return {self.url(host) + path for host in HOSTS[:2] for path in self.site.paths}

    def _crawl(self, seed: Seed | None = None) -> None:
        now = db_now()
        run = create_run(seed or self.large, Run.Kind.COMMAND, now, now)
        if run is not None:
            dispatch.open_run(run)

    def crawl_slow_pattern(self) -> None:
        """Crawl the seed with the pattern that could hang, once it can be ordered."""
        self._when_there_is_a_database(lambda: self._crawl(self.slow), lambda: self.go_on(0.5))

    def _when_there_is_a_database(self, order: Callable[[], None], wait: Callable[[], None]) -> None:
        while True:
            try:
                order()
            except DatabaseError:
                connection.close()
                wait()
            else:
                return

    @contextlib.contextmanager
    def poisoned_validator(self) -> Iterator[None]:
        """While entered, a page of the large crawl has a validator that cannot be sent back."""
        self._poisoned = True
        try:
            yield
        finally:
            self._poisoned = False

    def _answer_validated(self, request: Request) -> Answer:
        answer = self.site.answer(request)
        assert answer is not None
        return replace(answer, etag=BAD_VALIDATOR) if self._poisoned else answer

    def go_on(self, seconds: float) -> None:
        """Keep the load up for so many seconds."""
        deadline = time.monotonic() + seconds
        while True:
            self._tick()
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return
            time.sleep(min(remaining, 0.2))

    def _tick(self) -> None:
        if time.monotonic() < self._urgent_at:
            return
        self._urgent_at = time.monotonic() + URGENT_EVERY
        try:
            _wait_for_no_lock()
            if not self._crawling():
                self._crawl()
            if not Run.objects.filter(seed=self.shop, finished_at=None).exists():
                self._shop.revision += 1
                self._crawl(self.shop)
            self._recrawl(db_now())
            self.in_hand()
        except DatabaseError as error:  # an order that is not in the database promises nothing
            self.refused += 1
            log.warning("no database for an order: %s", error)
            connection.close()

    def _crawling(self) -> bool:
        """Whether a large crawl has pages to fetch now; one that waits for its last retries has not."""
        runs = Run.objects.filter(seed=self.large, kind=Run.Kind.COMMAND, finished_at=None)
        young = runs.filter(discovered__lt=len(self.pages))
        due = Visit.objects.filter(run__in=runs, state=Visit.State.QUEUED, due_at__lte=db_now())
        return young.exists() or due.exists()

    def _recrawl(self, now: datetime) -> None:
        urls = [self.url(self._dice.choice(HOSTS[:2])) + self._dice.choice(self._hot) for _ in range(3)]
        recrawl_urls(urls, now, self.large)
        self.recrawls += 1

    def requests(self) -> int:
        """Pages requested so far."""
        return sum(1 for request in list(self.web.requests) if urlsplit(request.path).path != "/robots.txt")

    def crawled(self) -> int:
        """Pages that the large crawls have requested so far."""
        requests = self.web.requests
        end = len(requests)
        excluded = {POISON, "/robots.txt", *self._hot}
        for request in requests[self._counted : end]:
            host = request.host.partition(":")[0]
            self._crawled += urlsplit(request.path).path not in excluded and host in HOSTS[:2]
        self._counted = end
        return self._crawled

    def in_hand(self) -> int:
        """Pages in flight: requested, and not accounted for by a row. A fault may have them fetched twice.

        Earlier repeats look the same and never end, so the smallest number since the last fault is left out.
        """
        repeated = self.repeated()
        self._floor = min(self._floor, repeated)
        return repeated - self._floor

    def forget_repeats(self) -> None:
        """Start looking for that smallest number again."""
        self._floor = self.repeated()

    def repeated(self) -> int:
        """Requests that no row accounts for. When everything has ended, these are the repeated ones."""
        try:
            self._accounted = accounted()
        except DatabaseError:
            connection.close()
        return max(0, self.requests() - self._accounted)

    def end(self) -> None:
        """Make no more work: switch the schedule off, once the database has recovered from the last fault."""
        self._when_there_is_a_database(self._switch_off, lambda: time.sleep(0.5))
        connection.close()  # the next one waits for locks again

    def _switch_off(self) -> None:
        Seed.objects.filter(pk=self.due.pk).update(enabled=False)
        self.due.refresh_from_db()
        self.due.save()


def _wait_for_no_lock() -> None:
    """Let an order fail that needs a lock for long: a frozen worker has it, and we would never thaw that."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")


def accounted() -> int:
    """Requests that visits and their attempts account for, without the shop, which has its own server."""
    fetched = Visit.objects.filter(state__gte=Visit.State.FETCHED).exclude(reason__in=("robots", "stopped"))
    attempts = Attempt.objects.exclude(visit__run__seed__name="shop")
    return fetched.exclude(run__seed__name="shop").count() + attempts.count()
