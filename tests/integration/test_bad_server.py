"""Every case of the bad server through the whole path, each on a host of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from catalog.models import Page, Run, Seed, Snapshot, Visit
from crawler.outcomes import Outcome
from pipelines.fetch.loop import fetch_loop
from tests.factories import make_seed
from tests.fakeweb.bad import CASES, GROUPS
from tests.fakeweb.bad.case import Case, Group
from tests.fakeweb.bad.document import FILE, document
from tests.harness.environment import ROOT
from tests.harness.path import crawl_seed

MOST_MEMORY = 600  # MB, of a process that fetches, reads and stores
A_WORKER = 120  # MB that it holds before; this process holds the tests too
GROUP_SECONDS = 60


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    """The bad server in a process of its own, on all addresses of loopback; its port."""
    command = [sys.executable, "-m", "tests.fakeweb", "--pages", "1", "--host", "0.0.0.0"]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield int(child.stdout.readline().strip().rpartition(":")[2])
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(10)
        child.stdout.close()


@pytest.fixture
def crawl(settings, valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> Callable[[Seed], Run]:
    """Crawl with a short deadline and hardly any back-off: most cases fail at each of several tries."""
    settings.FETCH_DEADLINE, settings.TIME_SCALE = 6, 0.005
    monkeypatch.setattr(fetch_loop(), "_fetcher", None)
    return lambda seed: crawl_seed(seed, valkey, timeout=GROUP_SECONDS)


def url_of(case: Case, port: int) -> str:
    """A case's URL. Each has a host of its own, so that the failures of one make no other wait."""
    number = list(CASES).index(case.name)
    return f"http://127.0.{1 + number // 250}.{1 + number % 250}:{port}/odd/{case.name}"


def seed_of(group: Group, port: int) -> Seed:
    urls = "\n".join(url_of(case, port) for case in group.cases)
    return make_seed(
        start_urls=urls,
        scope="page",
        schedule=Seed.Schedule.MANUAL,
        next_slot=None,
        delay=0,
        per_host=1,
        allow_networks="127.0.0.0/8",
        use_sitemaps=False,
        fields=[],
    )


def memory(kind: str) -> int:
    """MB of this process: ``VmRSS`` now, ``VmHWM`` at most since :func:`forget_peak`."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith(kind)]
    return int(line.split()[1]) // 1024


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("archive")
@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.heading)
def test_every_case_ends_as_the_table_says(group: Group, server: int, crawl: Callable[[Seed], Run]) -> None:
    forget_peak()
    before = memory("VmRSS")
    run = crawl(seed_of(group, server))
    ends = {visit.url: visit for visit in Visit.objects.filter(run=run)}
    titles = dict(Snapshot.objects.values_list("final_url", "title"))
    wrong = {}
    for case in group.cases:
        visit = ends[url_of(case, server)]
        end = (Outcome(visit.outcome).label, visit.reason, titles.get(visit.url, ""))
        if end != (case.outcome, case.reason, case.title):
            wrong[case.name] = (*end, visit.detail)
    assert wrong == {}
    assert memory("VmHWM") - before < MOST_MEMORY - A_WORKER


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("archive")
def test_what_a_server_says_is_no_error_of_ours_at_the_next_visit(
    server: int, crawl: Callable[[Seed], Run]
) -> None:
    """Validators that cannot be sent again are dropped, also those that an older version has kept."""
    group = next(group for group in GROUPS if group.heading == "Header fields")
    seed = seed_of(group, server)
    first = crawl(seed)
    Page.objects.update(etag='"a\x01b"', last_modified="yester\x7fday")
    again = crawl(seed)
    assert (again.unchanged, again.stored) == (first.stored, 0)
    assert again.failed == first.failed
    assert not Visit.objects.filter(reason="internal_error").exists()


def test_the_page_of_the_docs_is_the_table():
    assert FILE.read_text(encoding="utf-8") == document()


def test_the_table_has_many_cases_by_distinct_names():
    names = [case.name for group in GROUPS for case in group.cases]
    assert len(set(names)) == len(names) >= 160
