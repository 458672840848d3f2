"""A backup that is taken in the middle of a crawl, brought back elsewhere: nothing is lost or contradicts."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.fakeweb import FakeWeb, linked_site
from tests.harness.embedded import Embedded
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.timeout(200)
PAGES = "SELECT url FROM catalog_page"


@pytest.fixture
def own(tmp_path):
    own = Embedded(tmp_path)
    yield own
    own.end()


def urls(own: Embedded) -> set[str]:
    """The pages that are stored."""
    return {url for (url,) in own.rows(PAGES)}


def test_a_backup_of_a_crawl_that_goes_on_holds_all_that_was_stored(own, tmp_path):
    with FakeWeb(linked_site(pages=2_000)) as web:
        crawl = own.start(
            *("crawl", f"{web.url}/", "-o", "pages.jsonl", "--allow-network", "127.0.0.0/8"),
            *("--delay", "0.1", "--per-host", "4", "--header", "X-Token: secret-word"),
        )
        wait_until(lambda: (own.data / "crawlbeat.sqlite3").exists() and len(urls_if_any(own)) > 50, 60)
        before = urls(own)
        taken = own.run("backup", str(tmp_path / "backup"))
        assert taken.returncode == 0, taken.stderr
        assert crawl.alive
        crawl.kill()
    own.leaves_nothing()
    copy = Embedded(tmp_path / "moved")
    copy.folder.mkdir()
    restored = copy.run("restore", str(tmp_path / "backup"))
    assert restored.returncode == 0, restored.stderr
    assert before <= urls(copy)
    report = json.loads(copy.run("doctor", "--all", "--json").stdout)
    wrong = [finding for finding in report["findings"] if finding["level"] == "problem"]
    assert not wrong
    assert (copy.data / "secret_key").read_text() == (own.data / "secret_key").read_text()
    shutil.rmtree(copy.data)


def urls_if_any(own: Embedded) -> set[str]:
    """The pages that are stored, none while there are no tables yet."""
    tables = own.rows("SELECT name FROM sqlite_master WHERE name = 'catalog_page'")
    return urls(own) if tables else set()
