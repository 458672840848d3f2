"""Kill -9 of any one process of ``up`` in mid-crawl: every page exactly once, and counters that reconcile."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.fakeweb import FakeWeb, linked_site
from tests.harness.embedded import Embedded
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.timeout(400)

PAGES = 240
CRAWL = ["--allow-network", "127.0.0.0/8", "--delay", "0", "--per-host", "8", "--all"]
IN_HAND = 64 + 8  # an open group, and what is being fetched: more is not repeated by one death

RECOUNT = """
import json
from catalog.models import Batch, Run
from pipelines.runs import reconcile_counters
wrong = [changes for run in Run.objects.all() if (changes := reconcile_counters(run))]
unfinished = Batch.objects.exclude(state=Batch.State.STORED).count()
print(json.dumps({"wrong counters": wrong, "unfinished batches": unfinished}))
"""


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    """One ``up`` for all these tests: it heals itself, that is the point."""
    one = Embedded(tmp_path_factory.mktemp("kill"))
    one.process = one.up()
    yield one
    one.end()


def parser_child(one: Embedded) -> int:
    """A prefork child of the parse worker."""
    parent = one.child("worker-parse")
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return int(children[-1])


VICTIMS = {
    name: (lambda one, name=name: one.child(name))
    for name in ("worker-urgent", "worker-fetch", "worker-parse", "worker-store", "valkey", "beat", "web")
}
VICTIMS["a parser"] = parser_child


@pytest.mark.parametrize("victim", VICTIMS)
def test_every_page_once_whatever_dies(one: Embedded, victim: str) -> None:
    with FakeWeb(linked_site(pages=PAGES), latency=0.02) as web:
        out = one.folder / f"{victim.replace(' ', '-')}.jsonl"
        crawl = one.start("crawl", f"{web.url}/", *CRAWL, "-o", str(out))
        wait_until(lambda: len(web.requests) > PAGES / 4, 120, what="a quarter was asked for")
        os.kill(VICTIMS[victim](one), signal.SIGKILL)
        assert crawl.popen.wait(240) == 0, crawl.output()
        asked = Counter(seen.path.partition("?")[0] for seen in web.requests)
        pages = sorted(web.url + path for path in web.site.paths)
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert sorted(row["url"] for row in rows if row["outcome"] == "stored") == pages
    assert len({row["url"] for row in rows}) == len(rows)
    assert {row["reason"] for row in rows if row["outcome"] != "stored"} == {"robots"}
    repeated = sum(count - 1 for path, count in asked.items() if path != "/robots.txt")
    assert repeated <= IN_HAND, asked.most_common(5)
    assert json.loads(one.shell(RECOUNT)) == {"wrong counters": [], "unfinished batches": 0}
