"""``try``: a page fetched by the crawler's own rules and shown whole; nothing is stored or needs to run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fakeweb import Answer, FakeWeb
from tests.harness.embedded import Embedded

pytestmark = pytest.mark.timeout(400)
LOOPBACK = ["--allow-network", "127.0.0.0/8"]
PRODUCTS = "".join(
    f'<li class="product" data-sku="T{n}"><a href="/p/{n}">Tea of kind {n}</a>'
    f'<b class="price">{n},50 €</b></li>'
    for n in range(5)
)
LIST = f"""<title>Teas</title><h1>All teas</h1><ul>{PRODUCTS}</ul><a href="/private/x">secret</a>
<a rel="nofollow" href="/cart">cart</a><a href="https://elsewhere.test/">elsewhere</a>
<a href="mailto:a@b.test">mail</a>"""
ROBOTS = "User-agent: *\nDisallow: /private/\n"


@pytest.fixture
def own(tmp_path):
    own = Embedded(tmp_path)
    yield own
    own.end()


@pytest.fixture
def shop():
    with FakeWeb(robots=ROBOTS) as web:
        web.on("/", Answer(body=LIST))
        yield web


def tried(own: Embedded, *words: str, status: int = 0) -> list[dict[str, Any]]:
    done = own.run("try", *words, "--json")
    assert done.returncode == status, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_page_is_shown_whole_and_nothing_is_kept(own, shop):
    done = own.run("try", f"{shop.url}/", *LOOPBACK, "--field", "title=h1")
    assert done.returncode == 0, done.stderr
    for part in (
        "verdict     ok",
        "title       Teas",
        "5 followed, 4 not",
        f"- {shop.url}/private/x: robots.txt forbids it: Disallow: /private/ (line 2)",
        f"- {shop.url}/cart: the page asks not to follow it (nofollow)",
        "- https://elsewhere.test/: it is on another host",
        "- mailto:a@b.test: it cannot be requested",
        "offered     products: 5 records",
        "sku: T1; url: /p/1; title: Tea of kind 1; price: 1,50 €",
        "matched All teas",
    ):
        assert part in done.stdout, part
    assert [seen.path for seen in shop.requests] == ["/robots.txt", "/"]
    assert not own.data.exists()
    assert not own.left()


def test_as_json_it_is_an_object_a_line(own, shop):
    shop.on("/odd", Answer(404))
    page, missing, forbidden = tried(
        own, f"{shop.url}/", f"{shop.url}/odd", f"{shop.url}/private/x", *LOOPBACK, status=1
    )
    assert (page["url"], page["verdict"], page["title"]) == (f"{shop.url}/", "ok", "Teas")
    assert page["links"]["followed"] == [f"{shop.url}/p/{n}" for n in range(5)]
    assert {"url": "https://elsewhere.test/", "reason": "it is on another host"} in page["links"]["refused"]
    offered = page["offered"][0]
    assert (offered["name"], offered["fields"], offered["records"]) == (
        "products",
        ["sku", "url", "title", "price"],
        5,
    )
    assert page["main_text"].startswith("All teas")
    assert (missing["verdict"], missing["status"]) == ("http_404", 404)
    assert forbidden["verdict"] == "robots"
    assert [seen.path for seen in shop.requests] == ["/robots.txt", "/", "/odd"]


def test_a_collection_that_was_offered_reads_the_records(own, shop):
    item = "<title>Tea 0</title><h1>Tea 0</h1><b class=cost>0,50 €</b><dl><dt>Number<dd>T0</dl>"
    shop.on("/p/0", Answer(body=item))
    page, first = tried(own, f"{shop.url}/", *LOOPBACK, "--details")
    assert first["url"] == f"{shop.url}/p/0"
    both = first["list_and_details"]
    assert [each["pages"] for each in both] == [[f"{shop.url}/"], [f"{shop.url}/p/*"]]
    assert [each["key"] for each in both] == [["sku"], ["number"]]
    (own.folder / "both.json").write_text(json.dumps(both))
    for given in (json.dumps(page["offered"][0]["collection"]), "both.json"):
        collection = tried(own, f"{shop.url}/", *LOOPBACK, "--collection", given)[0]["collections"][0]
        assert (collection["name"], collection["records"], collection["problems"]) == ("products", 5, [])
        assert collection["values"][2]["title"] == "Tea of kind 2"


def test_what_a_rule_does_not_match_is_said(own, shop):
    collection = {"name": "teas", "items": {"css": "li"}, "fields": [{"name": "weight", "css": ".weight"}]}
    page = tried(own, f"{shop.url}/", *LOOPBACK, "--collection", json.dumps(collection))[0]
    assert page["collections"][0]["problems"] == ["weight: no value in 5 of 5 records."]


def test_two_pages_of_a_host_are_asked_with_its_pause_between_them(own, shop):
    shop.robots = "User-agent: *\nCrawl-delay: 2\n"
    shop.on("/2", Answer(body=LIST))
    tried(own, f"{shop.url}/", f"{shop.url}/2", *LOOPBACK)
    first, second = (seen for seen in shop.requests if seen.path != "/robots.txt")
    assert first.finished is not None
    assert second.started - first.finished >= 1.9


def test_redirects_are_followed_and_private_addresses_refused(own, shop):
    shop.on("/old", Answer(302, headers=(("Location", "/"),)))
    assert tried(own, f"{shop.url}/old", *LOOPBACK)[0]["final_url"] == f"{shop.url}/"
    refused = own.run("try", f"{shop.url}/")
    assert refused.returncode == 2
    assert "--allow-network" in refused.stderr
    shop.on("/inside", Answer(302, headers=(("Location", "http://127.0.0.2:1/"),)))
    led_inside = tried(own, f"{shop.url}/inside", "--allow-network", "127.0.0.1/32", status=1)
    assert led_inside[0]["verdict"] == "blocked_address"


def test_a_page_that_kills_its_parser_is_said(own, shop):
    """500 open elements that the standard opens again in each paragraph (HTML, section 13.2.4.3)."""
    bomb = "<p>" + "".join(f"<b c={number}>" for number in range(500)) + "</p><p>x" * 100_000
    shop.on("/bomb", Answer(body=bomb))
    page, after = tried(own, f"{shop.url}/bomb", f"{shop.url}/", *LOOPBACK, status=1)
    assert page["verdict"] == "parser_killed"
    assert "could not be read" in page["detail"]
    assert after["verdict"] == "ok"


def test_a_seed_gives_its_rules_and_a_stored_version_asks_nobody(own, shop):
    crawled = own.run(
        "crawl", f"{shop.url}/", *LOOPBACK, "--depth", "0", "--field", "first=.price", "-o", "-"
    )
    assert crawled.returncode == 0, crawled.stderr
    seed = own.shell("from catalog.models import Seed; print(Seed.objects.get().name)").strip()
    asked = len(shop.requests)
    page = tried(own, f"{shop.url}/", "--seed", seed)[0]
    assert page["collections"][0]["values"] == [{"first": "0,50 €"}]
    assert page["links"]["refused"][0]["reason"] == "no links are followed (0 links deep)"
    assert len(shop.requests) == asked + 2
    stored = tried(own, f"{shop.url}/", "--stored", "--field", "title=h1")[0]
    assert stored["collections"][0]["values"] == [{"title": "All teas"}]
    assert tried(own, "--version", "1")[0]["title"] == "Teas"
    assert len(shop.requests) == asked + 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "name URLs, or a stored version (--version)"),
        (["https://a.test/", "--version", "1"], "--version: is a page by itself; leave it or the URLs out"),
        (["https://a.test/", "--collection", "none.json"], "--collection: none.json cannot be read: "),
        (["https://a.test/", "--collection", "{"], "--collection: Line 1, character 2: this is not JSON"),
        (["https://a.test/", "--collection", '{"name": "a", "fields": []}'], "has no fields"),
        (["https://a.test/", "--seed", "Tea"], "--data: there is no database in "),
        (["https://a.test/", "--stored"], "--data: there is no database in "),
    ],
)
def test_wrong_uses_are_one_line(own, words, sentence):
    done = own.run("try", *words)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert not own.data.exists()
