"""``demo``: within minutes two seeds have crawled the shop again and again, and everything shows."""

from __future__ import annotations

import email
import email.policy
import json
import re
import sqlite3
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator

import feedparser  # type: ignore[import-untyped]
import pytest
from playwright.sync_api import Browser, Page, expect
from standardwebhooks import Webhook

from console.commands.demo import NEWS, PRICES
from embedded.programs import shop_pages
from tests.fakeweb import Answer, FakeWeb
from tests.harness.browsing import (  # noqa: F401 - a fixture
    CHROMIUM,
    DESK,
    PHONE,
    browser,
    complaints_of,
    fits,
)
from tests.harness.embedded import Embedded, address_of
from tests.harness.mailbox import Mailbox, mail_server
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


LOOPBACK = "127.0.0.0/8"
FALL = re.compile(r"▼ −\d\d %")  # ten percent or more


@pytest.fixture
def page(demo: Embedded, browser: Browser) -> Iterator[Page]:  # noqa: F811
    """The demo's administrator at the browser, which has nothing to complain about."""
    context = browser.new_context(base_url=address_of(demo.process), viewport=DESK)
    complaints = complaints_of(context)
    page = context.new_page()
    page.goto("/login/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(re.search(r"admin / (\S+)", demo.process.output()).group(1))
    page.get_by_role("button", name="Log in").click()
    yield page
    context.close()
    assert not complaints


@pytest.fixture
def hook() -> Iterator[FakeWeb]:
    """A receiver of webhooks, at /hook."""
    with FakeWeb() as web:
        web.on("/hook", Answer(200, "thank you"))
        yield web


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        yield mailbox


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="NOT TESTED: no chromium here; install it to test the site")
def test_a_price_that_falls_is_told_in_every_way(demo, page: Page, hook: FakeWeb, mailbox: Mailbox):
    key = make_webhook(page, hook)
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("200 thank you")).to_be_visible(timeout=20_000)
    assert verified(hook, 0, key)["type"] == "crawlbeat.test"
    make_mail(page, mailbox)
    make_alert(page)
    see_it_on_the_dashboard(demo, page)
    see_it_fire(page)
    first = verified(hook, 1, key)["data"]
    assert all(event["field"] == "price" and event["percent"] <= -10 for event in first["events"])
    replay(page, first["events"][0]["sentence"])
    assert first["ids"] == again(hook, key)["ids"]
    wait_until(lambda: mailbox.mails, what="the mail")
    assert first["events"][0]["sentence"] in mail_text(mailbox)
    feed = read_feed(page)
    assert not feed.bozo
    assert first["events"][0]["sentence"] in [entry.title for entry in feed.entries]
    see_it_from_the_command_line(demo, hook)


def make_webhook(page: Page, hook: FakeWeb) -> str:
    """Make a channel for the receiver by its form. Returns the signing key that the form offers."""
    page.goto("/channels/")
    page.get_by_role("link", name="Webhook").click()
    page.get_by_label("Name").fill("Till")
    page.get_by_label("Address", exact=True).fill(f"{hook.url}/hook")
    page.get_by_label("Private networks").fill(LOOPBACK)
    key = page.get_by_label("Signing key").input_value()
    save(page)
    return key


def make_mail(page: Page, mailbox: Mailbox) -> None:
    """On the phone, make a channel for the mailbox."""
    page.set_viewport_size(PHONE)
    page.goto("/channels/")
    fits(page)
    page.get_by_role("link", name="Mail").click()
    page.get_by_label("Name", exact=True).fill("Post")
    page.get_by_label("To", exact=True).fill("keeper@shop.example")
    page.get_by_label("From", exact=True).fill("crawlbeat@shop.example")
    page.get_by_label("Mail server").fill("127.0.0.1")
    page.get_by_label("Encryption").select_option("none")
    page.get_by_label("Port").fill(str(mailbox.port))
    page.get_by_label("Private networks").fill(LOOPBACK)
    fits(page)
    save(page)
    fits(page)
    page.set_viewport_size(DESK)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("aved")


def make_alert(page: Page) -> None:
    """By the form: when a price falls by a tenth. It is tried on the past before it is saved."""
    page.goto("/alerts/")
    page.get_by_role("link", name="New alert").click()
    page.get_by_label("Tell me when").select_option("a field goes down")
    page.get_by_label("in", exact=True).select_option(PRICES)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("the field").select_option("price")
    page.get_by_label("by at least").fill("10")
    page.get_by_label("Till").check()
    page.get_by_label("Post").check()
    page.get_by_label("only after a second look").uncheck()
    page.get_by_role("button", name="Try on the past").click()
    times = re.compile(r"It would have told you (once|\d+ times) in the last 30 days")
    expect(page.get_by_text(times)).to_be_visible()
    expect(page.locator("section", has_text=times).get_by_role("listitem").first).to_contain_text(": price ")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"price goes down by at least 10 % in {PRICES}")


def see_it_fire(page: Page) -> None:
    """On the phone, the alert's page shows that it was told by both channels."""
    page.set_viewport_size(PHONE)
    page.goto("/alerts/")
    fits(page)
    page.get_by_role("link", name="price goes down").click()
    delivered = page.locator(".state.good", has_text="delivered")
    wait_until(lambda: page.reload() and delivered.count() >= 2, 90, what="what it has told", every=1)
    fits(page)
    row = page.get_by_role("row").filter(has_text="Till").last
    expect(row).to_contain_text(re.compile(r": price .* → .* €, −\d\d %"))


def replay(page: Page, sentence: str) -> None:
    """On the phone, from the alert's log to the message that told it, and send that once more."""
    page.get_by_role("row").filter(has_text="Till").last.get_by_role("link", name="delivered").click()
    fits(page)
    expect(page.get_by_role("link", name=sentence)).to_be_visible()
    page.get_by_role("link", name="Till").click()
    fits(page)
    page.get_by_role("row").filter(has_not_text="Test from").last.get_by_role("link").click()
    page.get_by_role("button", name="Send once more").click()
    expect(page.locator(".head .state")).to_have_text("delivered", timeout=20_000)
    fits(page)
    page.set_viewport_size(DESK)


def verified(hook: FakeWeb, number: int, key: str) -> dict:
    """A webhook that the reference library finds to be signed right."""
    request = hook.seen("/hook")[number]
    return Webhook(key).verify(request.body, request.headers)


def again(hook: FakeWeb, key: str) -> dict:
    """What was sent once more: the first one that arrived, under another id."""
    arrived = hook.seen("/hook")
    ids = [verified(hook, at, key)["data"]["ids"] for at in range(len(arrived))]
    (doubles,) = [at for at in range(2, len(arrived)) if ids[at] == ids[1]]
    assert arrived[doubles].headers["webhook-id"] != arrived[1].headers["webhook-id"]
    return verified(hook, doubles, key)["data"]


def mail_text(mailbox: Mailbox) -> str:
    letter = email.message_from_bytes(mailbox.mails[0].content, policy=email.policy.default)
    return letter.get_body(("plain",)).get_content()


def see_it_on_the_dashboard(demo: Embedded, page: Page) -> None:
    """A price that falls is on the dashboard before the next run of its seed begins."""
    fell = "SELECT subject, run_id, seed_id FROM catalog_event WHERE percent <= -10 AND id > "
    ((newest,),) = rows(demo, "SELECT max(id) FROM catalog_event")
    falls = wait_until(lambda: rows(demo, fell + str(newest)), 90, what="a price that falls", every=0.2)
    subject, run, seed = falls[0]
    page.goto("/")
    expect(page.locator(".events li").filter(has_text=FALL).filter(has_text=subject).first).to_be_visible()
    assert not rows(demo, f"SELECT id FROM catalog_run WHERE seed_id = {seed} AND id > {run}")


def read_feed(page: Page):
    """What a feed reader makes of the address that the seed's page leads to."""
    page.goto("/seeds/")
    page.get_by_role("link", name=PRICES).first.click()
    page.get_by_role("button", name="Atom feed").click()
    return feedparser.parse(page.get_by_label("Its address").input_value())


def see_it_from_the_command_line(demo: Embedded, hook: FakeWeb) -> None:
    alerts = demo.run("alerts")
    assert (alerts.returncode, alerts.stdout) == (
        0,
        f"   1  price goes down by at least 10 % in {PRICES} -> Post, Till, at once\n",
    )
    test = demo.run("notify", "--test", "Till")
    assert (test.returncode, test.stdout) == (0, "The test arrived. 200 thank you\n"), test.stderr
    types = [json.loads(request.body)["type"] for request in hook.requests]
    assert types.count("crawlbeat.test") == 2  # the first was sent by hand; events may come after either
