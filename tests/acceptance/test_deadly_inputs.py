"""Inputs that hang or kill whoever works on them: they are set aside, and everything else goes on.

All of it in one real ``up``: at a time, so that no test waits for the watchdog after another.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator

import pytest

from tests.fakeweb import Answer, FakeWeb, linked_site, redirect
from tests.harness import environment, sabotage
from tests.harness.embedded import Embedded, address_of
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.timeout(500)

PAGES = 20
WAYS = list(sabotage.WAYS)
# a parser that does not get on is told that its time is over, and goes on with the other pages
OF_PARSE = {"stays": "internal_error", "seizes": "internal_error", "dies": "parser_killed"}
LOOK = """
import json
from catalog.models import Batch, Run, Visit
from pipelines import runs
print(json.dumps({
    run.seed.name: {
        "state": run.state, "reason": run.reason, "done": run.done, "stored": run.stored,
        "wrong": runs.recount(run.pk), "of": run.discovered,
        "failed": list(Visit.objects.filter(run=run, outcome=4).values_list("url", "reason")),
    }
    for run in Run.objects.select_related("seed")
}))
"""

ENDED = """
SELECT seed.name FROM catalog_run run JOIN catalog_seed seed ON seed.id = run.seed_id
WHERE run.state = 'finished'
"""


class Scene:
    """An ``up`` with a watchdog that loses patience soon, and a web full of traps."""

    def __init__(self, own: Embedded, web: FakeWeb) -> None:
        self.own, self.web = own, web
        self._seeds: list[dict[str, object]] = []

    def seed(self, name: str, *paths: str, **values: object) -> None:
        """Define a seed for :meth:`crawl`."""
        starts = "\n".join(self.web.url + path for path in paths)
        common = {"schedule": "manual", "delay": 0, "allow_networks": "127.0.0.0/8"}
        self._seeds.append({"name": name, "start_urls": starts, **common, **values})

    def crawl(self) -> None:
        """Save all seeds, and then have them run."""
        self.own.shell(
            "from catalog.models import Run, Seed; from catalog.clock import db_now\n"
            "from pipelines.runs import create_run; from scheduler import dispatch\n"
            f"seeds = [Seed.objects.create(**fields) for fields in {self._seeds!r}]\n"
            "runs = [create_run(seed, Run.Kind.COMMAND, db_now(), db_now()) for seed in seeds]\n"
            "any(map(dispatch.open_run, runs))"
        )

    def runs(self) -> dict[str, dict[str, object]]:
        """What came of the runs, by seed."""
        return dict(json.loads(self.own.shell(LOOK)))

    def finished(self, names: set[str], seconds: float = 200.0) -> dict[str, dict[str, object]]:
        """The runs of these seeds once they have ended."""

        wait_until(lambda: names <= self._ended(), seconds, what=f"{names} end", every=0.5)
        found = self.runs()
        for name in names:
            assert found[name]["wrong"] == {}, name
            assert found[name]["of"] == found[name]["done"], name
        return found

    def _ended(self) -> set[str]:
        """The seeds whose runs have ended."""
        return {name for (name,) in self.own.rows(ENDED)}

    def answers(self, path: str) -> int:
        with urllib.request.urlopen(address_of(self.own.started[0]).rstrip("/") + path, timeout=20) as answer:
            return int(answer.status)


def _show(own: Embedded) -> None:
    """What the processes complained of; pytest shows it with a test that failed."""
    print(*(process.output() for process in own.started))
    for log in (own.data / "logs").glob("*.log"):
        lines = [line for line in log.read_text().splitlines() if " INFO " not in line]
        print(f"--- {log.name}", *lines[-60:], sep="\n")


@pytest.fixture
def scene(tmp_path) -> Iterator[Scene]:
    own = Embedded(tmp_path)
    own.environment |= {sabotage.INPUT: "1", **environment.overridden(STALL_SECONDS=2.0, PARSE_SECONDS=5)}
    with FakeWeb(linked_site(pages=PAGES)) as web:
        try:
            own.up()
            yield Scene(own, web)
        finally:
            _show(own)
            own.end()


@pytest.mark.parametrize("way", WAYS)
def test_what_is_deadly_for_a_stage_is_set_aside_and_others_go_on(scene: Scene, way: str) -> None:
    redirecting = scene.web.on("/redirecting", redirect(f"/scope-{way}"))
    linking = scene.web.on("/linking", Answer(body=f"<a href='/scope-{way}'>x</a>"))
    scene.seed("deadly for store", "/", "/redirecting")
    scene.seed("deadly for parse", "/", "/linking")
    scene.seed("deadly for control", f"/control-{way}")
    scene.seed("deadly for fetch", "/", f"/fetch-{way}", per_host=2)
    scene.seed("innocent", "/")
    scene.crawl()
    stages = ("fetch", "parse", "store", "control")
    found = scene.finished({f"deadly for {stage}" for stage in stages} | {"innocent"})
    assert found["deadly for fetch"]["failed"] == [[f"{scene.web.url}/fetch-{way}", "fetch_killed"]]
    assert found["deadly for store"]["failed"] == [[redirecting, "store_killed"]]
    assert found["deadly for parse"]["failed"] == [[linking, OF_PARSE[way]]]
    assert (found["deadly for control"]["reason"], found["deadly for control"]["of"]) == ("opening_killed", 0)
    assert [found[f"deadly for {stage}"]["stored"] for stage in stages[:3]] == [PAGES] * 3
    assert (found["innocent"]["stored"], found["innocent"]["failed"]) == (PAGES, [])
    assert scene.answers("/health/") == scene.answers("/login/") == 200
