"""``recrawl``: by itself, on a folder that nobody keeps, and what it says of what it cannot do."""

from __future__ import annotations

import json

import pytest

from tests.fakeweb import Answer, FakeWeb, linked_site
from tests.harness.embedded import Embedded

pytestmark = pytest.mark.timeout(400)
CRAWL = ["--allow-network", "127.0.0.0/8", "--delay", "0", "--per-host", "8", "-o", "-"]


@pytest.fixture
def own(tmp_path):
    own = Embedded(tmp_path)
    yield own
    own.end()


def test_it_fetches_again_and_says_what_it_did(own):
    with FakeWeb(linked_site(pages=10)) as web:
        assert own.run("crawl", f"{web.url}/", *CRAWL).returncode == 0
        web.site.version += 1
        urls = [f"{web.url}/p/1", f"{web.url}/p/2", "http://stranger.test/"]
        ordered = own.run("recrawl", *urls)
        assert ordered.returncode == 1
        assert "run 2: 2 pages of “http" in ordered.stdout
        assert "fetched again now, before all that waits" in ordered.stdout
        assert "'crawlbeat up' will begin with it" in ordered.stdout
        assert ordered.stderr.startswith("crawlbeat recrawl: http://stranger.test/ belongs to no seed: ")
        assert ordered.stderr.count("\n") == 1
        web.on("/p/3", Answer(status=404))
        waited = own.run("recrawl", "--host", web.url, "--wait")
        assert waited.returncode == 1
        assert "run 3: " in waited.stdout
        assert "1 failed" in waited.stdout
        assert waited.stderr == f"crawlbeat recrawl: {web.url}/p/3 failed: http_404\n"
        assert len([seen for seen in web.requests if seen.path == "/p/1"]) == 3  # run 2 was done as well
        assert own.run("recrawl", urls[0], "--wait").returncode == 0
    own.leaves_nothing()
    looked = own.run("doctor", "--json")  # at what is stopped
    report = json.loads(looked.stdout)
    assert (looked.returncode, report["healthy"]) == (0, True), report
    assert set(report["left_out"]) == {"Redis", "processes"}


def test_a_seed_that_is_not_there_is_one_line(own):
    done = own.run("recrawl", "--seed", "nobody")
    assert done.returncode == 2
    assert done.stderr == "crawlbeat recrawl: --seed: there is no seed 'nobody'\n"
