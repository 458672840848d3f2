"""Where the fault tests happen: workers and beat as in production, at a tenth of the lengths of all times."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils import timezone

from catalog.models import Batch, Host, Run, Seed, Visit
from crawler.lanes import Lane
from crawler.outcomes import Outcome
from pipelines import runs
from scheduler import dispatch
from scheduler.queues import CONTROL, Stage, queue_name
from scheduler.redis_server import forget_outage
from tests.fakeweb import FakeWeb
from tests.harness import sabotage
from tests.harness.processes import Process, Processes
from tests.harness.servers import Valkey
from tests.harness.waiting import wait_until

POISON = "deadly-poison"
IN_HAND = 128 + 8  # an open group, and what is being fetched: one death repeats no more
FINISH_SECONDS = 90.0
PARSE_QUEUES = ",".join(queue_name(Stage.PARSE, lane) for lane in Lane)
URGENT_QUEUES = ",".join(queue_name(stage, Lane.URGENT) for stage in (Stage.FETCH, Stage.STORE))
MAIN_QUEUES = ",".join(
    [CONTROL, *(queue_name(stage, lane) for stage in (Stage.STORE, Stage.FETCH) for lane in Lane)]
)


class Scene:
    """The processes, by name; what was killed is started again by :meth:`start`."""

    def __init__(self, folder: Path, valkey: Valkey) -> None:
        self.valkey = valkey
        self.hold = folder / "hold"
        self._processes = Processes(folder)
        self._running: dict[str, Process] = {}
        self._starting = {"main": self._main, "parse": self._parse, "beat": self._processes.beat}
        self._seeds = 0
        for name in self._starting:
            self.start(name)

    def _main(self) -> Process:
        return self.worker("main", MAIN_QUEUES)

    def _parse(self) -> Process:
        variables = {sabotage.POISON: POISON, sabotage.HOLD: str(self.hold)}
        options = ("-P", "prefork", "-c", "2")
        return self._processes.worker(
            "parse", PARSE_QUEUES, *options, CRAWLBEAT_DIE_WITH_PARENT="1", **variables
        )

    def start(self, name: str) -> Process:
        """Start one of the processes (again)."""
        self._running[name] = self._starting[name]()
        return self._running[name]

    def worker(self, name: str, queues: str) -> Process:
        """A worker with threads."""
        return self._processes.worker(name, queues, "-P", "threads", "-c", "8", CRAWLBEAT_FETCH_DEADLINE="3")

    def __getitem__(self, name: str) -> Process:
        """One of the processes."""
        return self._running[name]

    @contextmanager
    def holding(self) -> Iterator[None]:
        """A parser that meets a page with :data:`tests.harness.sabotage.HELD` stays with it."""
        self.hold.touch()
        try:
            yield
        finally:
            self.hold.unlink(missing_ok=True)

    def holder(self) -> int:
        """The process id of the parser that stays; waits for one."""
        return int(wait_until(self.hold.read_text, 30, what="a parser holds a page"))

    def crawl(self, web: FakeWeb, **fields: object) -> Run:
        """Ask for a run of a seed that covers the whole web of a test."""
        self._seeds += 1
        defaults: dict[str, object] = {
            "name": f"seed {self._seeds}",
            "start_urls": f"{web.url}/",
            "schedule": "manual",
            "delay": 0,
            "per_host": 4,
            "allow_networks": "127.0.0.0/8",
        }
        seed = Seed.objects.create(**(defaults | fields))
        now = timezone.now()
        run = runs.create_run(seed, Run.Kind.COMMAND, now, now)
        assert run is not None
        forget_outage()
        dispatch.open_run(run)
        return run

    def end(self) -> None:
        self._processes.end()


def finish(run: Run, timeout: float = FINISH_SECONDS) -> float:
    """Wait for the end of a run and see that all is well; the seconds that it took."""
    began = time.monotonic()
    wait_until(lambda: _finished(run), timeout, what="the run ends", every=0.1)
    took = time.monotonic() - began
    assert runs.reconcile_counters(run) == {}
    assert run.discovered == run.done == run.visits.count()
    wait_until(
        lambda: not Batch.objects.exclude(state=Batch.State.STORED).exists(), 30, what="no batch is left"
    )
    wait_until(lambda: not Host.objects.exclude(lease_owner="").exists(), 30, what="no lease is left")
    return took


def _finished(run: Run) -> bool:
    run.refresh_from_db()
    return bool(run.state == Run.State.FINISHED)


def every_page_once(run: Run, web: FakeWeb) -> None:
    """Each page of the web was stored once, whatever happened."""
    stored = Visit.objects.filter(run=run, outcome=Outcome.STORED).values_list("page__url", flat=True)
    assert sorted(stored) == sorted(web.url + path for path in web.site.paths)
    assert run.stored == len(stored)


def repeated(web: FakeWeb) -> int:
    """How many pages were asked for again."""
    asked = Counter(seen.path for seen in list(web.requests) if seen.path != "/robots.txt")
    return sum(count - 1 for count in asked.values())


def asked(web: FakeWeb, pages: int) -> None:
    """Wait until so many pages were asked for."""
    wait_until(lambda: len(web.requests) > pages, 60, what=f"{pages} pages were asked for")
