"""Extractors in Python on a real crawl: records and links of good ones; bad ones cost no page."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakeweb import Answer, FakeWeb
from tests.harness.embedded import Embedded

pytestmark = pytest.mark.timeout(400)
LOOPBACK = ["--allow-network", "127.0.0.0/8"]
GOOD = """
from crawler.reading.own_code import Link

def extract(page):
    for item in page.soup.select("li"):
        yield {"sku": item["data-sku"], "name": item.get_text(strip=True)}
        yield Link("/details/" + item["data-sku"])
"""
BAD = """
def extract(page):
    yield {"path": page.url.rpartition("/")[2]}
    if page.url.endswith("/raises"):
        {}["price"]
    while page.url.endswith("/loops"):
        pass
    if page.url.endswith("/eats"):
        everything = []
        while True:
            everything.append(bytearray(100_000_000))  # not filled: a limit, not the clock, ends it
"""


@pytest.fixture
def own(tmp_path):
    own = Embedded(tmp_path)
    yield own
    own.end()


def extractor(own: Embedded, name: str, code: str) -> Path:
    folder = own.data / "extractors"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.py"
    path.write_text(code)
    return path


def crawl(own: Embedded, url: str, *words: str) -> list[dict]:
    done = own.run("crawl", url, *LOOPBACK, "--delay", "0", *words, "-o", "pages.jsonl", timeout=200)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in (own.folder / "pages.jsonl").read_text().splitlines()]


def records(own: Embedded) -> list[tuple[str, dict]]:
    rows = own.rows('SELECT collection, "values" FROM catalog_record WHERE gone_at IS NULL')
    return [(name, json.loads(values)) for name, values in rows]


def test_records_and_links_come_from_a_file_and_a_changed_file_reads_the_pages_again(own):
    path = extractor(own, "shop", GOOD)
    collection = '{"name": "teas", "extractor": "shop", "key": ["sku"]}'
    with FakeWeb() as web:
        web.on("/", Answer(body="<title>Teas</title><li data-sku=a>Green</li><li data-sku=b>Black</li>"))
        for sku in "ab":
            web.on(f"/details/{sku}", Answer(body=f"<title>{sku}</title>"))
        rows = crawl(own, f"{web.url}/", "--collection", collection, "--name", "shop")
        assert {row["url"] for row in rows} == {
            f"{web.url}/{path}" for path in ("", "details/a", "details/b")
        }
        assert {values["sku"]: values["name"] for _, values in records(own)} == {"a": "Green", "b": "Black"}
        path.write_text(GOOD.replace("get_text(strip=True)", "get_text().upper()"))
        crawl(own, f"{web.url}/", "--collection", collection, "--name", "shop")
        assert {values["sku"]: values["name"] for _, values in records(own)} == {"a": "GREEN", "b": "BLACK"}
        path.write_text("def extract(page):\n    raise ValueError('no more')\n")
        crawl(own, f"{web.url}/", "--collection", collection, "--name", "shop")
    names = {values["sku"]: values["name"] for _, values in records(own)}
    assert names == {"a": "GREEN", "b": "BLACK"}, "a failing extractor makes nothing gone"
    assert own.rows("SELECT count(*) FROM catalog_ruleset") == [(3,)]


def test_one_that_raises_loops_and_eats_memory_costs_no_page(own):
    extractor(own, "bad", BAD)
    paths = ("fine", "raises", "loops", "eats")
    with FakeWeb() as web:
        web.on("/", Answer(body="".join(f'<a href="/{path}">{path}</a>' for path in paths)))
        for path in paths:
            web.on(f"/{path}", Answer(body=f"<title>{path}</title><p>The text of {path}.</p>"))
        rows = crawl(own, f"{web.url}/", "--extractor", "bad")
        assert {row["url"]: row["outcome"] for row in rows} == dict.fromkeys(
            [f"{web.url}/", *(f"{web.url}/{path}" for path in paths)], "stored"
        )
        ((warnings,),) = own.rows("SELECT warnings FROM catalog_run")
        reasons = {warning.partition(": ")[0]: warning for warning in json.loads(warnings)}
        assert "bad.py, line 5: KeyError: 'price'" in reasons[f"{web.url}/raises"]
        assert "it took too long" in reasons[f"{web.url}/loops"]
        assert "it takes too much memory" in reasons[f"{web.url}/eats"]
        assert set(reasons) == {f"{web.url}/{path}" for path in paths[1:]}
        assert {"path": "fine"} in [values for _, values in records(own)]


def test_try_shows_records_links_and_the_lines_of_a_mistake(own):
    extractor(own, "shop", GOOD + "    open('/nowhere')\n")
    with FakeWeb() as web:
        web.on("/", Answer(body="<title>Teas</title><li data-sku=a>Green</li>"))
        done = own.run("try", f"{web.url}/", *LOOPBACK, "--extractor", "shop")
        assert done.returncode == 0, done.stderr
        for part in (
            "collection  shop: 1 record",
            "sku: a; name: Green",
            f"+ {web.url}/details/a",
            "shop.py, line 8: FileNotFoundError",
            "! shop.py, line 8, in extract: open('/nowhere')",
        ):
            assert part in done.stdout, part
        wrong = own.run("try", f"{web.url}/", *LOOPBACK, "--extractor", "shap")
        assert wrong.returncode == 2
        assert "There is no extractor 'shap'. The extractors are: shop." in wrong.stderr


def test_stored_pages_become_a_test_that_fails_when_an_extractor_reads_something_else(own):
    path = extractor(own, "shop", GOOD)
    with FakeWeb() as web:
        web.on("/", Answer(body="<title>Teas</title><li data-sku=a>Green</li>"))
        web.on("/details/a", Answer(body="<title>a</title>"))
        crawl(own, f"{web.url}/", "--extractor", "shop", "--field", "title=title")
    done = own.run("fixtures", "latest", "-o", "stored")
    assert done.returncode == 0, done.stderr
    folder = own.folder / "stored"
    assert sorted(each.name for each in (folder / "pages").iterdir()) == [
        "001-start.body.html",
        "001-start.json",
        "002-details-a.body.html",
        "002-details-a.json",
    ]
    assert rehearsed(folder) == (0, "2 passed")
    path.write_text(GOOD.replace('"name"', '"label"'))
    assert rehearsed(folder) == (1, "1 failed, 1 passed")
    again = own.run("fixtures", "latest", "-o", "stored")
    assert again.returncode == 2
    assert "stored is there already" in again.stderr


def rehearsed(folder: Path) -> tuple[int, str]:
    """The exit status of pytest in a folder, and its last words."""
    environment = {"PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    done = subprocess.run(
        command, cwd=folder.parent, env=environment, capture_output=True, text=True, timeout=100
    )
    return done.returncode, done.stdout.strip().splitlines()[-1].partition(" in ")[0]
