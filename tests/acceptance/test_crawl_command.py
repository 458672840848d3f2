"""``crawl``: every reachable page once, as a file; by itself, beside ``up``, interrupted and resumed."""

from __future__ import annotations

import csv
import json
import os
import signal
from collections import Counter

import pytest

from tests.fakeweb import Answer, FakeWeb, linked_site
from tests.harness.embedded import Embedded
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.timeout(400)

FAST = ["--allow-network", "127.0.0.0/8", "--delay", "0", "--per-host", "16"]
SLOW = ["--allow-network", "127.0.0.0/8", "--delay", "0"]  # one connection


@pytest.fixture
def own(tmp_path):
    own = Embedded(tmp_path)
    yield own
    own.end()


def rows_of(path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def pages_asked(web: FakeWeb) -> Counter[str]:
    return Counter(seen.path for seen in web.requests if seen.path != "/robots.txt")


def test_a_linked_site_every_page_once_and_nothing_forbidden(own):
    with FakeWeb(linked_site(pages=300)) as web:
        done = own.run("crawl", f"{web.url}/", *FAST, "--field", "title=h1::text", "-o", "pages.jsonl")
        assert done.returncode == 0, done.stderr
        rows = rows_of(own.folder / "pages.jsonl")
        assert sorted(row["url"] for row in rows) == sorted(web.url + path for path in web.site.paths)
        asked = pages_asked(web)
        assert not [path for path in asked if path.startswith("/private/")]
        assert asked == dict.fromkeys(asked, 1)
    first = next(row for row in rows if row["url"] == f"{web.url}/")
    assert first["outcome"] == "stored"
    assert first["status"] == 200
    assert first["reason"] is None
    assert first["depth"] == 0
    assert first["fields"] == {"title": web.site.title(0)}
    assert "300 stored" in done.stderr
    assert "robots" in done.stderr
    assert "pages.jsonl" in done.stderr
    assert done.stdout == ""
    own.leaves_nothing()


def test_all_rows_and_csv_and_standard_output(own):
    with FakeWeb(linked_site(pages=4)) as web:
        web.on("/p/3", Answer(404))
        done = own.run("crawl", f"{web.url}/", *FAST, "--all", "--format", "csv", "-o", "-")
        assert done.returncode == 0, done.stderr
        rows = list(csv.DictReader(done.stdout.splitlines()))
        assert {(row["outcome"], row["reason"]) for row in rows} == {
            ("stored", ""),
            ("failed", "http_404"),
            ("skipped", "robots"),
        }
        again = own.run("crawl", f"{web.url}/", *FAST, "-o", "pages.jsonl")
        assert again.returncode == 0
        assert {row["outcome"] for row in rows_of(own.folder / "pages.jsonl")} == {"unchanged"}


def test_nothing_stored_is_exit_status_1(own):
    with FakeWeb() as web:
        done = own.run("crawl", f"{web.url}/nothing", *FAST, "-o", "pages.jsonl")
        assert done.returncode == 1
        assert "http_404" in done.stderr
        assert (own.folder / "pages.jsonl").read_text() == ""


def test_loopback_is_refused_unless_allowed(own):
    with FakeWeb(linked_site(pages=1)) as web:
        done = own.run("crawl", f"{web.url}/", "-o", "pages.jsonl")
        assert done.returncode == 2
        assert "is not on the public internet" in done.stderr
        assert "--allow-network" in done.stderr
        assert web.requests == []


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (["-o", "pages.xml"], "--format"),
        (["-o", "/no/such/folder/pages.jsonl"], "-o"),
        (["-o", "pages.jsonl", "--field", "title=h1["], "argument --field: Field 'title': 'h1['"),
        (["-o", "pages.jsonl", "--field", "a=h1", "--field", "a=h2"], "--field"),
    ],
)
def test_wrong_values_are_said_before_anything_starts(own, words, option):
    done = own.run("crawl", "http://127.0.0.1:1/", "--allow-network", "127.0.0.0/8", *words)
    assert done.returncode == 2
    assert done.stderr.startswith(f"crawlbeat crawl: {option}")
    assert done.stderr.count("\n") == 1
    assert not (own.data / "valkey.sock").exists()


def test_interrupted_it_keeps_what_it_has_and_resume_goes_on(own):
    with FakeWeb(linked_site(pages=120), latency=0.05) as web:
        process = own.start("crawl", f"{web.url}/", *SLOW, "-o", str(own.folder / "pages.jsonl"))
        wait_until(lambda: len(web.requests) > 40, 100, what="a third of the site was asked for")
        assert process.stop(signal.SIGINT) == 130
        assert "--resume" in process.output()
        own.leaves_nothing()
        first = rows_of(own.folder / "pages.jsonl")
        assert 0 < len(first) < 120
        done = own.run("crawl", f"{web.url}/", "--resume", "-o", "all.jsonl")
        assert done.returncode == 0, done.stderr
        assert "Going on with run" in done.stderr
        rows = rows_of(own.folder / "all.jsonl")
        assert sorted(row["url"] for row in rows) == sorted(web.url + path for path in web.site.paths)
        twice = {path: number for path, number in pages_asked(web).items() if number > 1}
        assert len(twice) <= 20, "more was fetched again than was in hand"


def test_beside_up_it_uses_its_workers_and_takes_over_when_up_goes_away(own):
    with FakeWeb(linked_site(pages=60)) as web:
        up = own.up()
        before = {name: child["pid"] for name, child in own.state()["children"].items()}
        done = own.run("crawl", f"{web.url}/", *FAST, "-o", "pages.jsonl")
        assert done.returncode == 0, done.stderr
        assert len(rows_of(own.folder / "pages.jsonl")) == 60
        assert {name: child["pid"] for name, child in own.state()["children"].items()} == before
        assert up.alive
        web.latency, began = 0.05, len(web.requests)
        words = [*SLOW, "--name", "another", "-o", str(own.folder / "x.jsonl")]
        crawl = own.start("crawl", f"{web.url}/", *words)
        wait_until(lambda: len(web.requests) > began + 10, 100, what="the crawl has begun")
        up.popen.kill()
        up.popen.wait()
        assert crawl.popen.wait(150) == 0, crawl.output()
        assert len(rows_of(own.folder / "x.jsonl")) == 60


def test_the_next_up_goes_on_with_a_crawl_that_was_killed(own):
    with FakeWeb(linked_site(pages=60), latency=0.05) as web:
        crawl = own.start("crawl", f"{web.url}/", *SLOW, "-o", str(own.folder / "x.jsonl"))
        wait_until(lambda: len(web.requests) > 10, 100, what="the crawl has begun")
        os.kill(crawl.pid, signal.SIGKILL)
        crawl.popen.wait()
        own.leaves_nothing()
        own.up()
        unfinished = "SELECT id FROM catalog_run WHERE state <> 'finished'"
        wait_until(lambda: own.rows(unfinished) == [], 100, what="the run ends")
        done = own.run("export", "pages", "--run", "latest", "-o", "x.jsonl")
        assert done.returncode == 0, done.stderr
        assert len(rows_of(own.folder / "x.jsonl")) == 60


def test_exports_of_seeds_and_runs(own):
    with FakeWeb(linked_site(pages=5)) as web:
        own.run("crawl", f"{web.url}/", *FAST, "--field", "price=.price", "-o", "pages.jsonl")
        name = rows_of(own.folder / "pages.jsonl")[0]["seed"]
        records = own.run("export", "records", "--seed", name, "-o", "-", "--format", "csv")
        assert records.returncode == 0, records.stderr
        prices = [row["field_price"] for row in csv.DictReader(records.stdout.splitlines())]
        assert sorted(prices) == sorted(web.site.price(number) for number in range(5))
        pages = own.run("export", "pages", "--run", "1", "-o", "again.jsonl")
        assert pages.returncode == 0, pages.stderr
        assert rows_of(own.folder / "again.jsonl") == rows_of(own.folder / "pages.jsonl")


def test_an_export_of_nothing_known_is_wrong_usage(own):
    own.shell("from catalog.schema import bring_up_to_date; bring_up_to_date()")
    for words, option in (
        (["pages", "--seed", "nobody", "-o", "-"], "--seed"),
        (["pages", "--run", "7", "-o", "-"], "--run"),
        (["pages", "--run", "latest", "-o", "-"], "--run"),
        (["records", "--all", "-o", "-"], "--all"),
        (["records", "-o", "records.txt"], "--format"),
    ):
        done = own.run("export", *words)
        assert done.returncode == 2
        assert option in done.stderr
        assert done.stderr.count("\n") == 1


def test_an_export_makes_no_data_folder(own):
    done = own.run("export", "pages", "-o", "-", "--data", "elsewhere")
    assert done.returncode == 2
    assert "no database in" in done.stderr
    assert not (own.folder / "elsewhere").exists()
