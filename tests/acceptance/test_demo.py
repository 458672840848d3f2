"""``demo``: within minutes two seeds have crawled the shop again and again, and everything shows."""

from __future__ import annotations

import json
import re
import sqlite3
import urllib.error
import urllib.request
from collections import Counter

import pytest

from console.commands.demo import NEWS, PRICES
from embedded.programs import shop_pages
from tests.harness.embedded import Embedded
from tests.harness.waiting import wait_until

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A demo whose seeds have each finished two scheduled runs."""
    demo = Embedded(tmp_path_factory.mktemp("demo"))
    demo.process = demo.up("demo")
    wait_until(lambda: all(n >= 2 for n in finished(demo).values()), 200, what="two runs of each", every=1)
    yield demo
    demo.end()


def rows(demo: Embedded, query: str) -> list[tuple]:
    database = sqlite3.connect(f"file:{demo.data / 'crawlbeat.sqlite3'}?mode=ro", uri=True)
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


def finished(demo: Embedded) -> dict[str, int]:
    """How many scheduled runs each seed has finished."""
    counted = dict.fromkeys((PRICES, NEWS), 0)
    counted.update(
        rows(
            demo,
            "SELECT s.name, count(*) FROM catalog_run r JOIN catalog_seed s ON s.id = r.seed_id "
            "WHERE r.kind = 'scheduled' AND r.state = 'finished' GROUP BY s.name",
        )
    )
    return counted


def test_the_counters_of_every_run_reconcile(demo):
    columns = "discovered, stored + unchanged + redirected + failed + skipped"
    for discovered, ended in rows(demo, f"SELECT {columns} FROM catalog_run WHERE state = 'finished'"):
        assert discovered == ended > 0


def test_changed_prices_are_new_versions(demo):
    changed = rows(demo, "SELECT url FROM catalog_page WHERE versions > 1")
    assert changed
    assert all(re.search(r"/(kettles|lamps|chairs|mugs|clocks)/\w", url) for (url,) in changed)
    query = (
        "SELECT page_id, data FROM catalog_reading JOIN catalog_snapshot ON catalog_snapshot.id = snapshot_id"
    )
    versions = rows(demo, query)
    read = [(page, json.loads(data).get("products")) for page, data in versions]
    prices = Counter((page, products[0]["price"]["amount"]) for page, products in read if products)
    assert max(prices.values()) == 1, "a version without a change"


def test_every_page_of_the_shop_is_there_but_the_two_that_cannot_be(demo):
    shop = re.search(r"the shop  (\S+)/\n", demo.process.output()).group(1)
    known = {url.removeprefix(shop) for (url,) in rows(demo, "SELECT url FROM catalog_page")}
    assert known == linked_pages() - {shop_pages.BROKEN, shop_pages.FORBIDDEN}
    assert len(known) > 55


def linked_pages() -> set[str]:
    seen: set[str] = set()
    todo = ["/"]
    while todo:
        path = todo.pop()
        if path not in seen:
            seen.add(path)
            todo += re.findall(r'href="(/[^"]*)"', shop_pages.page(path, 0) or "")
    return seen


def test_the_forbidden_page_was_never_asked_for_and_the_broken_one_says_why(demo):
    log = (demo.data / "logs" / "shop.log").read_text()
    assert shop_pages.BROKEN in log
    assert shop_pages.FORBIDDEN not in log
    reasons = rows(demo, "SELECT DISTINCT url, reason FROM catalog_visit WHERE reason IS NOT NULL")
    told = {url.partition("//")[2].partition("/")[2]: reason for url, reason in reasons}
    assert told == {shop_pages.BROKEN[1:]: "decoding", shop_pages.FORBIDDEN[1:]: "robots"}


def test_the_export_has_a_row_for_each_page(demo):
    done = demo.run("export", "pages", "--seed", PRICES, "-o", "pages.jsonl")
    assert done.returncode == 0, done.stderr
    exported = [json.loads(line) for line in (demo.folder / "pages.jsonl").read_text().splitlines()]
    pages = rows(
        demo,
        f"SELECT p.url FROM catalog_page p JOIN catalog_seed s ON s.id = p.seed_id WHERE s.name = '{PRICES}'",
    )
    assert sorted(row["url"] for row in exported) == sorted(url for (url,) in pages)


def test_the_products_are_records_with_a_key_and_typed_prices(demo):
    done = demo.run("export", "records", "--seed", PRICES, "-o", "products.jsonl")
    assert done.returncode == 0, done.stderr
    products = [json.loads(line) for line in (demo.folder / "products.jsonl").read_text().splitlines()]
    assert len(products) == len(shop_pages.PRODUCTS)
    assert {tuple(row["key"]) for row in products} == {(row["fields"]["number"],) for row in products}
    assert {row["fields"]["price"]["currency"] for row in products} == {"EUR"}


def test_the_shop_misbehaves_as_promised(demo):
    shop = re.search(r"the shop  (\S+)/\n", demo.process.output()).group(1)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{shop}/nowhere")
    answer = urllib.request.urlopen(f"{shop}/news/")
    again = urllib.request.Request(f"{shop}/news/", headers={"If-None-Match": answer.headers["ETag"]})
    with pytest.raises(urllib.error.HTTPError, match="304"):
        urllib.request.urlopen(again)


def test_a_third_of_the_prices_changes_from_one_half_minute_to_the_next():
    products = shop_pages.PRODUCTS.values()
    for period in range(100, 103):
        changed = [p for p in products if p.price(period) != p.price(period + 1)]
        assert len(products) / 4 < len(changed) < len(products) / 2
