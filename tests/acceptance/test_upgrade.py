"""A data folder of release 0.1, killed in the middle of a run: this release takes it over and goes on."""

from __future__ import annotations

import csv
import http.cookiejar
import json
import re
import shutil
import sqlite3
import tarfile
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from embedded.programs.shop import Shop
from tests.harness.embedded import Embedded, address_of
from tests.harness.environment import ROOT
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.timeout(500)

ARCHIVE = ROOT / "tests" / "data" / "release-0.1.tar.xz"
ADDRESS = ("127.83.12.7", 8765)  # as the seeds have it
PRICES, NEWS, SLOW, OFF, GONE = "Shop prices", "Shop news", "Slow shop", "Switched off", "Deleted"
DATABASE = "crawlbeat.sqlite3"
OF_SEED = "(SELECT id FROM catalog_seed WHERE name = ?)"


class NotedShop(Shop):
    """The demo's shop, which keeps a list of its answers."""

    answers: list[tuple[str, int]] = []

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        self.answers.append((self.path, int(code)))


@dataclass
class Upgraded:
    """The folder with this release at work on it, and a copy of its tables as release 0.1 had left them."""

    embedded: Embedded
    before: Path
    address: str = ""
    answers: list[tuple[str, int]] = field(default_factory=list)

    def then(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return _rows(self.before / DATABASE, query, values)

    def now(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return _rows(self.embedded.data / DATABASE, query, values)

    def export(self, *words: str) -> list[dict[str, str]]:
        done = self.embedded.run("export", *words, "-o", "-", "--format", "csv")
        assert done.returncode == 0, done.stderr
        return list(csv.DictReader(done.stdout.splitlines()))


def _rows(path: Path, query: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return database.execute(query, values).fetchall()


@pytest.fixture(scope="module")
def shop() -> Iterator[list[tuple[str, int]]]:
    server = ThreadingHTTPServer(ADDRESS, NotedShop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield NotedShop.answers
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def upgraded(shop: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    folder = tmp_path_factory.mktemp("upgrade")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    before = folder / "before"
    before.mkdir()
    for file in (folder / "data").glob(f"{DATABASE}*"):
        shutil.copy(file, before)
    upgraded = Upgraded(Embedded(folder), before, answers=shop)
    upgraded.address = address_of(upgraded.embedded.up())
    yield upgraded
    upgraded.embedded.end()


@pytest.fixture
def site(upgraded: Upgraded) -> urllib.request.OpenerDirector:
    """Somebody who may do everything, logged in."""
    upgraded.embedded.shell(
        "from django.contrib.auth import get_user_model as users; "
        "users().objects.filter(username='ann').exists() or "
        "users().objects.create_superuser('ann', password='of-the-tests')"
    )
    site = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    post(site, f"{upgraded.address}login/", username="ann", password="of-the-tests")
    return site


def post(site: urllib.request.OpenerDirector, url: str, page: str = "", **form: str) -> str:
    """Send a form of a page (the same address, unless given), as a browser does."""
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', site.open(page or url).read().decode())
    assert token is not None
    data = urllib.parse.urlencode(form | {"csrfmiddlewaretoken": token[1]}).encode()
    answer: bytes = site.open(url, data).read()
    return answer.decode()


def counters(upgraded: Upgraded, run: int) -> dict[str, int]:
    """A run's counters, which must be those of its visits once it has finished."""
    names = ("stored", "unchanged", "redirected", "failed", "skipped")
    ((discovered, *counts),) = upgraded.now(
        f"SELECT discovered, {', '.join(names)} FROM catalog_run WHERE id = ? AND state = 'finished'", run
    )
    visits = dict(
        upgraded.now("SELECT outcome, count(*) FROM catalog_visit WHERE run_id = ? GROUP BY outcome", run)
    )
    assert discovered == sum(counts) == sum(visits.values())
    assert counts == [visits.get(outcome, 0) for outcome in range(1, 6)]
    return dict(zip(names, counts, strict=True))


def finished(upgraded: Upgraded, seed: str) -> list[int]:
    """The finished runs of a seed."""
    query = f"SELECT id FROM catalog_run WHERE seed_id = {OF_SEED} AND state = 'finished' ORDER BY id"
    return [run for (run,) in upgraded.now(query, seed)]


def test_every_page_version_and_record_is_there_with_the_rules_that_read_it(upgraded: Upgraded) -> None:
    assert upgraded.then("SELECT count(*) FROM catalog_snapshot") == [(148,)]
    others = f"seed_id <> {OF_SEED}"  # what was deleted may be pruned, with its seed
    for query, kept in (
        ("SELECT id, seed_id, url FROM catalog_page", others),
        (
            "SELECT id, page_id, run_id, digest, offset FROM catalog_snapshot",
            f"page_id IN (SELECT id FROM catalog_page WHERE {others})",
        ),
    ):
        assert set(upgraded.then(f"{query} WHERE {kept}", GONE)) <= set(upgraded.now(query))
    frozen = {
        (version, json.dumps(json.loads(policy)["fields"]), json.dumps(json.loads(data)))
        for version, policy, data in upgraded.then(
            "SELECT s.id, policy_json, data FROM catalog_record r "
            "JOIN catalog_snapshot s ON s.id = snapshot_id JOIN catalog_run ON catalog_run.id = run_id"
        )
    }
    named = {
        (version, json.dumps(json.loads(rules)[0]["fields"]), json.dumps(json.loads(data)["pages"][0]))
        for version, rules, data in upgraded.now(
            "SELECT snapshot_id, rules, data FROM catalog_reading "
            "JOIN catalog_ruleset s ON s.id = rule_set_id"
        )
    }
    assert len(frozen) == 136
    assert frozen <= named
    numbers = f"SELECT number, rules FROM catalog_ruleset WHERE seed_id = {OF_SEED} ORDER BY number"
    rules = {number: json.loads(rules) for number, rules in upgraded.now(numbers, PRICES)}
    names = {number: [rule["name"] for rule in of_set["fields"]] for number, (of_set,) in rules.items()}
    assert names == {1: ["name", "price"], 2: ["name", "price", "stock"]}


def test_every_page_that_was_read_is_a_record_with_its_history(upgraded: Upgraded) -> None:
    """In the first change set is what release 0.1 had; what has come since is in later ones."""
    read = "SELECT page_id FROM catalog_page p JOIN catalog_record r ON r.snapshot_id = latest_id"
    pages = {page for (page,) in upgraded.then(f"{read} WHERE p.seed_id <> {OF_SEED}", GONE)}
    of_page = "FROM catalog_record r JOIN catalog_page p ON p.id = page_id"
    records = f"SELECT page_id, r.id, fingerprint = key_hash {of_page}"
    kept = {page: (record, same) for page, record, same in upgraded.now(records)}
    assert pages
    assert pages <= kept.keys()
    assert {same for _, same in kept.values()} == {1}
    assert upgraded.now("SELECT number FROM catalog_changeset WHERE id = 1") == [(1,)]
    earlier = "SELECT count(*) FROM catalog_recordversion WHERE changed_in_id = 1"
    ((changes,),) = upgraded.now(earlier)
    older = (
        "SELECT count(*) FROM (SELECT data, "
        "lag(data) OVER (PARTITION BY page_id ORDER BY snapshot_id) AS old "
        f"FROM catalog_record WHERE seed_id <> {OF_SEED}) WHERE old <> data"
    )
    assert [(changes,)] == upgraded.then(older, GONE)


def test_the_run_that_was_going_goes_on_and_finishes(upgraded: Upgraded) -> None:
    ((run, waiting),) = upgraded.then(
        "SELECT r.id, count(*) FROM catalog_run r JOIN catalog_visit v ON v.run_id = r.id "
        "WHERE r.state = 'open' AND v.state < 3 GROUP BY r.id"
    )
    assert waiting == 11
    wait_until(lambda: run in finished(upgraded, PRICES), 120, what="the run of release 0.1 ends", every=1)
    found = counters(upgraded, run)
    assert (found["failed"], found["skipped"]) == (1, 1)  # a damaged page, and one that robots.txt forbids
    assert found["stored"] + found["unchanged"] == 50


def test_the_schedule_goes_on_and_finds_what_has_not_changed(upgraded: Upgraded) -> None:
    last = max(finished(upgraded, PRICES))
    wait_until(lambda: max(finished(upgraded, PRICES)) > last, 150, what="another run", every=1)
    found = counters(upgraded, max(finished(upgraded, PRICES)))
    assert found["unchanged"] >= 10  # whatever has no price
    assert found["stored"] + found["unchanged"] == 50
    unchanged = {path for path, status in upgraded.answers if status == HTTPStatus.NOT_MODIFIED}
    assert {"/", "/kettles/", "/about/delivery"} <= unchanged
    read_again = "SELECT count(*) FROM catalog_reading GROUP BY snapshot_id HAVING count(*) > 1"
    assert upgraded.now(read_again) == []
    assert upgraded.now(f"SELECT id FROM catalog_run WHERE seed_id = {OF_SEED}", OFF) == []


def test_the_paused_run_waits_until_it_is_resumed(
    upgraded: Upgraded, site: urllib.request.OpenerDirector
) -> None:
    query = f"SELECT id, state FROM catalog_run WHERE seed_id = {OF_SEED}"
    ((run, state),) = upgraded.now(query, SLOW)
    held = "SELECT state, count(*) FROM catalog_visit WHERE run_id = ? GROUP BY state"
    assert state == "paused"
    assert upgraded.now(held, run) == upgraded.then(held, run) == [(1, 48), (3, 13)]
    page = f"{upgraded.address}runs/{run}/"
    post(site, f"{page}resume/", page)
    wait_until(lambda: finished(upgraded, SLOW) == [run], 150, what="the paused run ends", every=1)
    found = counters(upgraded, run)
    assert found == {"stored": 59, "unchanged": 0, "redirected": 0, "failed": 1, "skipped": 1}
    stored = "SELECT count(*), count(DISTINCT page_id) FROM catalog_snapshot WHERE run_id = ?"
    assert upgraded.now(stored, run) == [(found["stored"], found["stored"])]


def test_new_rules_read_the_archive_of_release_0_1(
    upgraded: Upgraded, site: urllib.request.OpenerDirector
) -> None:
    ((seed,),) = upgraded.now("SELECT id FROM catalog_seed WHERE name = ?", NEWS)
    going = f"SELECT id FROM catalog_run WHERE seed_id = {OF_SEED} AND finished_at IS NULL"
    wait_until(lambda: not upgraded.now(going, NEWS), 120, what="a slot that was missed is made up for")
    known = finished(upgraded, NEWS)
    upgraded.embedded.shell(
        "from catalog.models import Seed; seed = Seed.objects.get(name='Shop news'); "
        "seed.fields = [{'name': 'lead', 'css': '.lead::text'}]; seed.save()"
    )
    page = f"{upgraded.address}seeds/{seed}/"
    post(site, f"{page}run/", page)
    wait_until(lambda: set(finished(upgraded, NEWS)) - set(known), 120, what="the run ends", every=1)
    (run,) = set(finished(upgraded, NEWS)) - set(known)
    found = counters(upgraded, run)
    assert (found["unchanged"], found["stored"]) == (10, 0)
    leads = {row["url"]: row["field_lead"] for row in upgraded.export("records", "--seed", NEWS)}
    assert len(leads) == 10
    assert all(leads.values())
    clock = "http://{}:{}/news/the-quiet-clock".format(*ADDRESS)
    assert leads[clock] == "A movement without a tick, two years in the making."


def test_exports_of_before_and_of_now(upgraded: Upgraded, site: urllib.request.OpenerDirector) -> None:
    ((export, rows),) = upgraded.then("SELECT id, rows FROM catalog_export")
    file = site.open(f"{upgraded.address}exports/{export}/file/").read().decode()
    assert len(list(csv.reader(file.splitlines()))) == rows + 1
    pages = upgraded.export("pages", "--seed", PRICES)
    assert len(pages) == 50
    assert all(row["field_name"] for row in pages)
    # The shop's prices change, and a run may store some between two exports.
    wait_until(
        lambda: prices(upgraded, "records") == prices(upgraded, "pages"), 90, what="both exports agree"
    )


def prices(upgraded: Upgraded, kind: str) -> dict[str, str]:
    """By URL, as an export has them."""
    return {row["url"]: row["field_price"] for row in upgraded.export(kind, "--seed", PRICES)}


def test_the_doctor_finds_nothing_wrong(upgraded: Upgraded) -> None:
    wait_until(lambda: upgraded.embedded.run("doctor").returncode == 0, 90, what="the doctor is content")
    assert "All is well" in upgraded.embedded.run("doctor").stdout
