"""Real workers crawl a site by the default path; then each says what it has imported."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from catalog.models import Run, Seed
from pipelines.runs import create_run
from scheduler import dispatch
from scheduler.app import app
from tests.fakeweb import FakeWeb, linked_site
from tests.harness import inspection
from tests.harness.processes import Processes
from tests.harness.waiting import wait_until

FETCHES = "control,store.normal,fetch.normal"
PARSES = "parse.normal"


@pytest.fixture
def crawled(processes: Processes) -> Iterator[Processes]:
    """A worker with threads and one with processes, after a crawl of forty pages."""
    include = ("-I", inspection.__name__)
    processes.worker("threads", FETCHES, "-P", "threads", "-c", "8", *include)
    processes.worker("parser", PARSES, "-P", "prefork", "-c", "1", *include)
    with FakeWeb(linked_site(pages=40)) as web:
        seed = Seed.objects.create(
            name="site",
            start_urls=f"{web.url}/",
            schedule=Seed.Schedule.MANUAL,
            delay=0,
            per_host=8,
            allow_networks="127.0.0.0/8",
            fields=[{"name": "title", "css": "h1::text"}],
        )
        run = create_run(seed, Run.Kind.SCHEDULED, timezone.now(), timezone.now())
        assert run is not None
        dispatch.open_run(run)
        wait_until(lambda: Run.objects.get().state == Run.State.FINISHED, 90, what="the run ends")
        assert Run.objects.get().stored >= 40
        yield processes


def test_workers_hold_no_views_and_no_beautifulsoup(crawled: Processes, tmp_path: Path) -> None:
    for queue in ("fetch.normal", PARSES):
        _holds_little(queue, tmp_path / f"modules-of-{queue}.json")


def _holds_little(queue: str, target: Path) -> None:
    app.send_task(inspection.TASK, args=[str(target)], queue=queue)
    wait_until(target.exists, 30, what="the worker answers")
    modules = set(json.loads(target.read_text()))
    assert "pipelines.store" in modules  # it is one of ours
    site = {name for name in modules if name == "djsite.urls" or name.startswith("djsite.browse.")}
    assert site <= {"djsite.browse.apps"}
    assert not {name for name in modules if name.split(".")[0] in {"bs4", "html5lib"}}
    assert not {name for name in modules if name.startswith("django.contrib.auth.views")}


def test_no_task_is_a_coroutine() -> None:
    """Celery calls ``async def`` tasks a success without running them."""
    app.loader.import_default_modules()
    ours = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    assert {"fetch", "parse", "store"} <= ours.keys()
    assert not [name for name, task in ours.items() if inspect.iscoroutinefunction(task.run)]
