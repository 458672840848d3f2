"""From an address to typed, keyed records in a real browser, without a selector: counted in clicks."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.conf import LazySettings, global_settings
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from catalog.models import Coverage, Record, Run, Seed
from djsite.desk import runs
from tests.fakeweb import FakeWeb
from tests.fakeweb.sites import SITES, FactSite
from tests.harness.browsing import (  # noqa: F401 - fixtures
    AT_DESK,
    AT_PHONE,
    DESK,
    NEEDS_CHROMIUM,
    PHONE,
    Look,
    Seats,
    address,
    browser,
    fits,
    scene,
    seats,
    site,
)
from tests.harness.processes import Processes
from tests.harness.waiting import wait_until

pytestmark = NEEDS_CHROMIUM
QUEUES = [f"{stage}.{lane}" for lane in ("urgent", "normal") for stage in ("fetch", "parse", "store")]


class Hand:
    """Somebody at the browser: each click and each key is counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = self.keys = 0

    def click(self, role: str, name: str) -> None:
        self.page.get_by_role(role, name=name, exact=True).first.click()
        self.clicks += 1

    def write(self, label: str, text: str) -> None:
        self.page.get_by_label(label).fill(text)
        self.clicks += 1
        self.keys += len(text)


@pytest.fixture(scope="module")
def workers(scene: Processes) -> None:  # noqa: F811
    """What fetches, reads and stores, and the clock."""
    scene.worker("all", ",".join(["control", *QUEUES]), "-P", "threads", "-c", "8")
    scene.beat()


@pytest.fixture
def look(request: pytest.FixtureRequest) -> Look:
    """At a desk, unless a test says otherwise."""
    return getattr(request, "param", AT_DESK)


@pytest.fixture
def hand(seats: Seats, site: str, look: Look, workers: None) -> Iterator[Hand]:  # noqa: F811
    """An administrator at an installation without seeds; the browser has no complaint."""
    with seats.taken("operator", look, staff=True) as context:
        yield Hand(context.new_page())


@pytest.fixture
def web(request: pytest.FixtureRequest) -> Iterator[tuple[FactSite, FakeWeb]]:
    facts = SITES[request.param](size=12)
    with FakeWeb(facts) as server:
        facts.base = server.url
        yield facts, server


def log_in(page: Page, settings: LazySettings) -> None:
    """By the form, for the first time."""
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS  # the site's process has the product's
    user = User.objects.get()
    user.set_password("correct horse")
    user.save()  # which ends the sessions
    page.goto("/")
    page.get_by_label("Username").fill(user.username)
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Log in").click()


def try_page(hand: Hand, url: str) -> None:
    """From the first page of the site to what was read of the address."""
    hand.page.goto("/")
    hand.click("link", "Try a page")
    hand.write("Address", url)
    hand.write("Networks that may be reached", "127.0.0.0/8")
    hand.click("button", "Try it")
    expect(hand.page.get_by_text("A crawl would store this page")).to_be_visible(timeout=30_000)


def fits_on_a_phone(page: Page) -> None:
    """Nothing is wider than the window, at either width."""
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        fits(page)


def records_of_the_first_run() -> list[Record]:
    """Once the run that a new seed begins with has ended."""
    wait_until(lambda: Run.objects.filter(state=Run.State.FINISHED).exists(), 60, what="the first run ends")
    return list(Record.objects.exclude(values=None))


@pytest.mark.parametrize("web", ["shop"], indirect=True)
def test_typed_keyed_products_of_a_list_with_details_in_six_clicks(
    hand: Hand, web: tuple[FactSite, FakeWeb], settings: LazySettings
):
    facts, server = web
    log_in(hand.page, settings)
    began = time.monotonic()
    url = f"{server.url}/list?page=1"
    try_page(hand, url)
    hand.click("button", "Also read the page of each item")
    expect(hand.page.get_by_role("heading", name="The page of each item")).to_be_visible(timeout=30_000)
    fits_on_a_phone(hand.page)
    hand.click("button", "Save and run")
    expect(hand.page.get_by_text("was made. It runs now")).to_be_visible(timeout=30_000)
    chosen = time.monotonic() - began
    assert (hand.clicks, hand.keys) == (6, len(url) + len("127.0.0.0/8"))
    records = records_of_the_first_run()
    print(
        f"{hand.clicks} clicks, {chosen:.1f} s to the seed, {time.monotonic() - began:.1f} s to its records"
    )
    seed = Seed.objects.get()
    of_list, of_items = (
        {tuple(record.key or ()): record.values for record in records if record.collection == each["name"]}
        for each in seed.collections
    )
    assert set(of_list) == set(of_items) == {(f"SK-{number + 1:05}",) for number in range(facts.size)}
    for values in (of_list[("SK-00001",)], of_items[("SK-00001",)]):
        assert set(values["price"]) == {"amount", "currency"}
        assert values["url"] == f"{server.url}/item/sk-00001"
    assert of_items[("SK-00001",)]["since"] == "2026-01-05"
    hand.page.goto(f"/records/?seed={seed.pk}&collection={seed.collections[1]['name']}")
    expect(hand.page.get_by_role("cell", name="2026-01-05")).to_be_visible()


@pytest.mark.parametrize(
    ("web", "look"), [("shop", AT_DESK), ("recipes", AT_DESK), ("jobs", AT_PHONE)], indirect=True
)
def test_records_of_a_list_without_a_selector(
    hand: Hand, look: Look, web: tuple[FactSite, FakeWeb], settings: LazySettings
):
    facts, server = web
    if look == AT_PHONE:
        log_in(hand.page, settings)
    url = f"{server.url}/list?page=1"
    try_page(hand, url)
    hand.click("link", "Make a seed of this")
    expect(hand.page.locator("#id_start_urls")).to_have_value(url, timeout=30_000)
    expect(hand.page.locator("#id_unit")).to_have_value("days")
    hand.page.get_by_role("button", name="Save", exact=True).click()
    hand.clicks += 1
    expect(hand.page.get_by_text("was added successfully")).to_be_visible(timeout=30_000)
    assert hand.clicks <= 6
    assert hand.keys == len(url) + len("127.0.0.0/8")
    records = records_of_the_first_run()
    (collection,) = Seed.objects.get().collections
    assert facts.size <= len(records) <= facts.size + 1, "both pages of the list; an advertisement may be one"
    assert collection["key"] == ["sku" if facts.name == "shop" else "url"]
    assert all(record.key for record in records)
    hand.page.goto(f"/records/?seed={Seed.objects.get().pk}")
    expect(hand.page.locator("tbody tr").first).to_be_visible()
    fits(hand.page)
    if facts.name == "shop":
        repair_after_a_redesign_in_three_clicks(hand, facts)


@pytest.mark.parametrize("web", ["shop"], indirect=True)
def test_a_list_and_its_fields_by_clicks_in_the_page(hand: Hand, web: tuple[FactSite, FakeWeb], site: str):  # noqa: F811
    facts, server = web
    asked: set[str] = set()
    hand.page.on("request", lambda request: asked.add(request.url))
    try_page(hand, f"{server.url}/list?page=1")
    hand.click("link", "Point and click")
    frame = hand.page.frame_locator("iframe.page")
    frame.get_by_role("link", name="€").first.click(timeout=30_000)
    expect(hand.page.get_by_role("heading", name="All like this")).to_be_visible(timeout=30_000)
    hand.click("button", "Make a list")
    expect(hand.page.get_by_role("heading", name="A field of each item")).to_be_visible(timeout=30_000)
    hand.page.get_by_label("Name of the field").first.fill("cost")
    hand.click("button", "Add")
    expect(hand.page.get_by_role("columnheader", name="cost")).to_be_visible(timeout=30_000)
    link = hand.page.frame_locator("iframe.page").get_by_role("link", name="Blue Harbour")
    link.focus()
    hand.page.keyboard.press("Enter")  # the keyboard does as well as the mouse
    expect(hand.page.locator("#chosen")).to_have_text("a", timeout=30_000)
    fits_on_a_phone(hand.page)
    hand.click("link", "Make a seed of this")
    assert '"cost"' in hand.page.locator("#id_collections").input_value()
    assert not {url for url in asked if not url.startswith((site, "data:"))}
    assert len([seen for seen in server.requests if seen.path.startswith("/list")]) == 1


def repair_after_a_redesign_in_three_clicks(hand: Hand, facts: FactSite) -> None:
    """The alert, the repair, its acceptance; then a run with the new rules reads what was known."""
    seed = Seed.objects.get()
    before = known_prices()
    facts.design = "b"
    runs.run_now(seed, timezone.now())
    assert next_coverage(1).falls.keys() >= {""}
    hand.clicks = 0
    hand.page.goto("/")
    hand.click("link", "It reads much less than usual")
    hand.click("button", f"Repair {seed.collections[0]['name']}")
    expect(hand.page.get_by_role("button", name="Use this")).to_be_visible(timeout=30_000)
    hand.click("button", "Use this")
    expect(hand.page.get_by_text("The rules are repaired")).to_be_visible()
    assert hand.clicks == 3
    assert not next_coverage(2).falls.keys() & {"", "sku", "name", "price"}
    after = known_prices()
    assert after.keys() >= before.keys()
    assert {key: after[key] for key in before} == before
    assert not any("price" in record.held for record in Record.objects.filter(gone_at=None) if record.key)


def known_prices() -> dict[str, dict[str, object]]:
    """By the key of the record."""
    records = [record for record in Record.objects.filter(gone_at=None) if record.key]
    return {record.key[0]: record.values["price"] for record in records if record.values["price"]}


def next_coverage(earlier: int) -> Coverage:
    """Of the run that comes after so many that were measured, once it has been."""
    measured = Run.objects.exclude(compared=None).order_by("pk")
    wait_until(lambda: measured.count() > earlier, 60, what="the run is measured")
    return Coverage.objects.filter(run=measured[earlier]).get()
