"""What people come for, walked in a real browser on a phone in the dark and at a desk in the light.

They click, write and read words; what workers do in between is done here. A page that no other test shows to
axe is shown to it once in each look.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest
from django.contrib.auth.models import Group, User
from django.db import connections
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from catalog.models import Channel, Event, Host, Outlet, Run, Seed
from crawler.policy import Scope
from pipelines.shipping.places import postgresql
from pipelines.telling.matching import match_events
from pipelines.telling.sending.delivery import deliver
from tests import factories
from tests.factories.shipping import arrived, ship
from tests.fakeweb import Answer, FakeWeb
from tests.harness import servers
from tests.harness.browsing import (  # noqa: F401 - fixtures
    NEEDS_CHROMIUM,
    Look,
    Seats,
    address,
    browser,
    fits,
    look,
    look_at,
    scene,
    seats,
    site,
)
from tests.harness.path import crawl_seed, drive
from tests.harness.servers import Valkey

pytestmark = NEEDS_CHROMIUM
T = TypeVar("T")


@pytest.fixture
def page(seats: Seats, site: str, look: Look) -> Iterator[Page]:  # noqa: F811
    """An administrator at the browser, which has nothing to complain about."""
    with seats.taken("operator", look, staff=True) as context:
        yield context.new_page()


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as running:
        yield running


def by_workers(work: Callable[[], T]) -> T:
    """Do what workers do: in a thread of its own, as this one has Playwright's loop."""

    def whole() -> T:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(whole).result()


def click(page: Page, role: str, name: str) -> None:
    """What has this name in the page itself, not beside it."""
    page.locator("#main").get_by_role(role, name=name, exact=True).first.click()


def section(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Sections").get_by_role("link", name=name, exact=True).click()


def said(page: Page) -> Locator:
    """What the page says about what was done just now."""
    return page.get_by_role("status")


def test_why_is_a_page_missing(page: Page):
    """Forbidden by the site: nothing to do. Excluded by the seed: mended, and asked again."""
    factories.shop(rounds=1)
    Seed.objects.update(exclude="*/cart*")
    robots = {"robots_body": "User-agent: *\nDisallow: /private", "robots_status": 200}
    Host.objects.update(**robots, robots_fetched_at=timezone.now())
    page.goto("/")
    section(page, "Pages")
    page.get_by_label("In address or title").fill("http://shop.example/private")
    page.keyboard.press("Enter")
    page.locator(".empty").get_by_role("link", name="Why is a page missing?").click()
    verdict = page.locator("#verdict")
    expect(verdict).to_contain_text("robots.txt forbids it: Disallow: /private")
    look_at(page)
    page.get_by_label("Address", exact=True).fill("shop.example/cart/7")
    page.keyboard.press("Enter")
    expect(verdict).to_contain_text("The seed excludes it: “*/cart*”")
    fits(page)
    click(page, "link", "Go to this setting")  # in a folded part, which it opens
    page.get_by_label("No pages that match").fill("")
    look_at(page)
    click(page, "button", "Save")
    section(page, "Explain")
    page.get_by_label("Address", exact=True).fill("shop.example/cart/7")
    page.keyboard.press("Enter")
    expect(verdict).to_contain_text("no page or sitemap that run")
    assert Seed.objects.get().exclude == ""


def tea(price: str) -> Answer:
    return Answer(body=f"<title>Assam</title><h1>Assam</h1><p class=price>{price} EUR</p>")


def test_a_page_is_fetched_again_at_once_and_shows_what_changed(
    page: Page, web: FakeWeb, valkey_server: Valkey
):
    web.on("/assam", tea("12.50"))
    fields = [{"name": "name", "css": "h1::text"}, {"name": "price", "css": ".price::text", "type": "money"}]
    options = {"start_urls": f"{web.url}/assam", "scope": Scope.PAGE, "fields": fields}
    seed = factories.make_web_seed(web, name="Teas", **options)
    by_workers(lambda: crawl_seed(seed, valkey_server.client))
    web.on("/assam", tea("9.90"))
    page.goto("/pages/")
    click(page, "link", "Assam")
    click(page, "button", "Fetch again now")
    expect(said(page).first).to_contain_text("1 page is being fetched again now")
    expect(page.locator(".head .state")).to_have_text("running")
    run = Run.objects.get(kind=Run.Kind.RECRAWL)
    by_workers(lambda: drive(run, valkey_server.client))
    changed = page.locator("#run-changes")
    expect(changed).to_contain_text("9.90", timeout=20_000)  # by itself
    fits(page)
    page.goto("/")
    fell = page.locator(".events li", has_text="Assam")
    expect(fell).to_contain_text("−21 %")
    fell.get_by_role("link").first.click()
    expect(page.locator("#main")).to_contain_text("12.50")
    look_at(page)
    recrawl_a_list(page, web)


def recrawl_a_list(page: Page, web: FakeWeb) -> None:
    """Addresses of which one is nobody's: it is left out, and said."""
    section(page, "Runs")
    click(page, "link", "Recrawl addresses")
    page.get_by_label("Addresses, one a line").fill(f"{web.url}/assam\nhttps://elsewhere.example/")
    look_at(page)
    click(page, "button", "Fetch again now")
    expect(page.get_by_text("Left out:")).to_contain_text("elsewhere.example")
    expect(said(page).first).to_contain_text("1 page is being fetched again now")
    fits(page)


def test_a_viewer_looks_at_everything_and_changes_nothing(seats: Seats, site: str, look: Look):  # noqa: F811
    seed = factories.shop(rounds=1)
    with seats.taken("viewer", look, bears="status of 403") as context:
        try_to_change(context.new_page(), seed)
    assert Run.objects.count() == 1 and Seed.objects.get().updated_at == seed.updated_at


def try_to_change(page: Page, seed: Seed) -> None:
    """Nothing is offered; an address that somebody sent is refused, and so is a button from better days."""
    page.goto("/seeds/")
    click(page, "link", "Corner shop")
    expect(page.get_by_role("link", name="Alert me")).to_be_visible()
    expect(page.get_by_role("button", name="Run now")).to_have_count(0)
    expect(page.get_by_role("link", name="Edit")).to_have_count(0)
    page.goto(reverse("seed-edit", args=[seed.pk]))
    expect(page.get_by_role("heading", name="Not for your account")).to_be_visible()
    expect(page.locator("#main")).to_contain_text("Your role does not include this")
    look_at(page)
    click(page, "link", "Dashboard")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")
    give_role("operator")
    page.goto(reverse("seed", args=[seed.pk]))
    give_role("viewer")
    click(page, "button", "Run now")
    expect(page.get_by_role("heading", name="Not for your account")).to_be_visible()
    give_role(None)
    page.goto("/")
    expect(page.get_by_text("Your account has no role yet")).to_be_visible()
    look_at(page)
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def give_role(name: str | None) -> None:
    """Give the one person that there is another role, as an administrator would."""
    User.objects.get().groups.set(Group.objects.filter(name=name))


def test_what_was_deleted_or_changed_is_undone(page: Page):
    seed = factories.shop(rounds=1)
    factories.make_seed("Tea house")
    page.goto("/seeds/")
    delete(page)
    expect(page.locator("#main")).to_contain_text("12 records")
    look_at(page)
    click(page, "button", "Delete it")
    expect(said(page)).to_contain_text("Corner shop is deleted.")
    expect(page.get_by_role("link", name="Corner shop")).to_have_count(0)
    expect(page.get_by_label("All that there are, on other pages too")).to_be_visible()
    fits(page)
    click(page, "button", "Bring back")
    expect(said(page)).to_contain_text("Corner shop is back, with all of its pages and records.")
    section(page, "Seeds")
    delete(page)
    click(page, "button", "Delete it")
    section(page, "Dashboard")
    section(page, "Seeds")
    click(page, "link", "Deleted")
    look_at(page)
    click(page, "button", "Bring back")
    expect(page.get_by_role("heading", level=1)).to_have_text("Corner shop")
    section(page, "Data")
    switch_off_and_undo(page)
    assert list(Seed.objects.order_by("pk").values_list("pk", "enabled"))[0] == (seed.pk, True)


def delete(page: Page) -> None:
    """From the list to the question."""
    click(page, "link", "Corner shop")
    click(page, "link", "Edit")
    click(page, "link", "Delete")


def switch_off_and_undo(page: Page) -> None:
    """Of both seeds at once."""
    section(page, "Seeds")
    for name in ("Corner shop", "Tea house"):
        page.get_by_role("checkbox", name=name).check()
    click(page, "button", "Change the chosen …")
    look_at(page)
    click(page, "button", "Switch off")
    look_at(page)
    click(page, "button", "Switch off: 2 seeds")
    expect(said(page)).to_contain_text("2 seeds changed.")
    expect(page.locator("tbody .tag", has_text="off")).to_have_count(2)
    click(page, "button", "Undo")
    expect(page.locator("tbody .tag", has_text="off")).to_have_count(0)


def test_an_alert_is_made_tried_on_the_past_told_found_and_told_again(page: Page, web: FakeWeb):
    web.on("/hook", Answer(200, "thank you"))
    seed = factories.make_seed("Teas")
    factories.make_event(seed, at=timezone.now() - timedelta(days=2))
    by_workers(lambda: match_events(timezone.now()))
    page.goto("/alerts/")
    click(page, "link", "New alert")
    page.get_by_label("Tell me when").select_option("a field goes down")
    page.get_by_label("in", exact=True).select_option("Teas")
    click(page, "button", "Go on")
    page.get_by_label("the field").select_option("price")
    page.get_by_label("by at least").fill("10")
    make_channel(page, web)
    expect(page.get_by_label("Till")).to_be_checked()
    page.get_by_label("only after a second look").uncheck()
    click(page, "button", "Try on the past")
    expect(page.get_by_text("It would have told you once in the last 30 days.")).to_be_visible()
    look_at(page)
    click(page, "button", "Save")
    expect(page.get_by_role("heading", level=1)).to_have_text("price goes down by at least 10 % in Teas")
    factories.make_event(seed, at=timezone.now(), subject="Darjeeling")
    by_workers(lambda: match_events(timezone.now()))
    by_workers(lambda: deliver(Channel.objects.get().pk, timezone.now()))
    section(page, "Alerts")
    fits(page)
    click(page, "link", "price goes down by at least 10 % in Teas")
    expect(page.get_by_role("row").last).to_contain_text("Darjeeling: price 12.5")
    look_at(page)
    tell_again(page, web)


def make_channel(page: Page, web: FakeWeb) -> None:
    """From the alert that needs one, and back to it."""
    click(page, "button", "Make a channel")
    look_at(page)
    click(page, "link", "Webhook")
    page.get_by_label("Name").fill("Till")
    page.get_by_label("Address", exact=True).fill(f"{web.url}/hook")
    page.get_by_label("Private networks").fill("127.0.0.0/8")
    look_at(page)
    click(page, "button", "Save")
    expect(said(page)).to_contain_text("Till is saved and chosen.")


def tell_again(page: Page, web: FakeWeb) -> None:
    """From the alert's log to its message, which is sent once more."""
    click(page, "link", "delivered")
    expect(page.locator("#main")).to_contain_text("thank you")
    look_at(page)
    click(page, "button", "Send once more")
    expect(page.get_by_text("Not tried yet")).to_be_visible()
    by_workers(lambda: deliver(Channel.objects.get().pk, timezone.now()))
    expect(page.locator(".head .state")).to_have_text("delivered", timeout=20_000)
    first, again = (json.loads(sent.body)["data"]["ids"] for sent in web.seen("/hook"))
    assert first == again == [Event.objects.latest("pk").pk]


def test_data_go_each_morning_to_a_folder(page: Page):
    seed = factories.shop(rounds=1)
    page.goto(f"{reverse('records')}?seed={seed.pk}")
    page.get_by_role("link", name="Send this every day…").click()
    page.get_by_role("link", name="Folder").click()
    page.get_by_label("As", exact=True).select_option("Excel workbook")
    page.get_by_label("Folder", exact=True).fill("mornings")
    page.get_by_label("at", exact=True).fill("07:30")
    expect(page.locator("ol.due li").first).to_contain_text("07:30")
    send_by_form(page)
    expect(page.locator("tbody tr").first).to_contain_text("arrived")
    file, manifest = arrived("mornings")
    assert file.suffix == ".xlsx" and json.loads(manifest.read_bytes())["rows"] == 12
    shutil.rmtree(file.parent)


@pytest.fixture(scope="module")
def receiver() -> Iterator[dict[str, str]]:
    """A database of somebody else's, as psycopg takes it."""
    scratch = Path(tempfile.mkdtemp(prefix="cb-receiver-"))  # a short path: it holds a socket
    with servers.postgres(scratch) as conninfo:
        yield psycopg.conninfo.conninfo_to_dict(conninfo)
    shutil.rmtree(scratch)


def test_data_go_each_morning_to_a_table_of_postgresql(
    page: Page, receiver: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    """The server is reached by its socket, and not by the name in the form."""
    seed = factories.shop(rounds=1)
    table = f"mornings_{seed.pk}"
    monkeypatch.setattr(postgresql, "parameters", lambda _: receiver)
    page.goto(f"{reverse('outlet-new')}?seed={seed.pk}")
    page.get_by_role("link", name="PostgreSQL table").click()
    for label, value in {"Server": "db.example.org", "Database": "shop", "User name": "loader"}.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Table", exact=True).fill(table)
    page.get_by_label("what is new, changed or gone since last time").check()
    send_by_form(page)
    expect(page.locator("tbody tr").first).to_contain_text("arrived")
    with psycopg.connect(**receiver) as connection:
        (row,) = connection.execute(f"SELECT count(*), max(field_name) FROM {table}").fetchall()
    assert row == (12, "Product 9")


def send_by_form(page: Page) -> None:
    """Save the form of an outlet, have its data sent, and do what workers do."""
    look_at(page)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Send now").click()
    expect(page.locator("tbody tr").first).to_contain_text("waiting")
    ship(Outlet.objects.latest("pk"))
