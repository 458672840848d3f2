"""The site in a real browser: counters move, nothing of a crawled page runs, nothing scrolls sideways."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.conf import global_settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_celery_results.models import TaskResult
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect

from catalog.models import Event, Export, Host, KeptView, Run, Seed, Shipment, Snapshot
from catalog.models import Page as CrawledPage
from crawler.outcomes import Outcome
from tests import factories
from tests.factories import Got
from tests.factories.outlets import make_outlet
from tests.harness import routes
from tests.harness.axe import grave_violations
from tests.harness.browsing import (  # noqa: F401 - fixtures
    AT_DESK,
    AT_PHONE,
    NEEDS_CHROMIUM,
    Seats,
    address,
    browser,
    fits,
    scene,
    seat,
    seats,
    sit_down,
    site,
)

OF_DJANGO = ("link-in-text-block",)  # rules that the admin's own markup breaks
OF_KIND = [("pages", CrawledPage), ("versions", Snapshot), ("runs", Run), ("hosts", Host)]
PAYLOAD = '<img src=x onerror="window.ran=1"><script>window.ran=1</script>'

pytestmark = NEEDS_CHROMIUM


@pytest.fixture
def context(seats: Seats, site: str) -> Iterator[BrowserContext]:  # noqa: F811
    """A browser in which an administrator is logged in, and which has nothing to complain about."""
    with seats.taken("operator", staff=True) as context:
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def addresses() -> list[str]:
    """Every page of the site, with a shop behind it whose names are long and hostile."""
    seed = factories.shop(timezone.now(), rounds=2)
    Seed.objects.filter(pk=seed.pk).update(name="A very long name of a seed, " * 5 + PAYLOAD)
    long = "http://shop.example/" + "section/" * 30 + "?q=" + "x" * 300
    got = [Got(long, title=PAYLOAD, text=PAYLOAD, fields={"name": PAYLOAD, "price": "9" * 400})]
    run = factories.crawl(seed, got, at=timezone.now(), state="open", waiting=3)
    crawled = CrawledPage.objects.get(url__contains="section")
    long_words = {"subject": "x" * 300, "before": "y" * 300, "after": PAYLOAD, "field": "z" * 200}
    factories.make_event(seed, at=timezone.now(), run_id=run.pk, url=long, **long_words)
    outlet = make_outlet(seed, name=(PAYLOAD * 3)[:100], cron="0 8 * * *", options={"folder": "x" * 200})
    Shipment.objects.create(outlet=outlet, number=1, cause="hand", state="held", reason=PAYLOAD)
    lists = ("dashboard", "changes", "seeds", "runs", "pages", "hosts", "exports", "outlets", "outlet-new")
    return [
        *map(reverse, lists),
        reverse("outlet", args=[outlet.pk]),
        reverse("outlet-new-at", args=["sftp"]),
        reverse("seed", args=[seed.pk]),
        reverse("seed-calendar", args=[seed.pk]),
        reverse("seed-day", args=[seed.pk, f"{timezone.now():%Y-%m-%d}"]),
        reverse("run", args=[run.pk]),
        reverse("run", args=[run.pk - 1]),
        reverse("page", args=[crawled.pk]),
        reverse("host", args=[crawled.host_id]),
        reverse("version", args=[crawled.latest_id]),
        f"{reverse('records')}?seed={seed.pk}",
        reverse("admin:index"),
        reverse("admin:catalog_seed_change", args=[seed.pk]),
    ]


@pytest.mark.timeout(600)  # axe looks at every page twice
def test_no_page_scrolls_sideways_runs_a_payload_or_shuts_people_out(page: Page):
    violations = {}
    for path in addresses():
        page.goto(path)
        for look in (AT_PHONE, AT_DESK):
            page.set_viewport_size(look.size)
            page.emulate_media(color_scheme=look.scheme)
            fits(page)
            assert page.evaluate("window.ran") is None, path
            if grave := grave_violations(page, OF_DJANGO if "/admin/" in path else ()):
                violations[path, look.scheme] = grave
    assert violations == {}


LONG = "long " * 40_000
WORD = "A" * 200_000  # each pair of letters is kerned in the site's font
MARKS = "a" + "\u0301" * 500
SECONDS = 2.0  # that a page keeps the browser's main thread at work at most, whatever else the machine does
DOWNLOADS = (
    "/changes/file",
    "/download/",
    "/exports/<pk>/file/",
    "/pages/file",
    "/shipments/",
    "/versions/<pk>/body/",
    "/versions/<pk>/whole/",
)
ASKED = [f"/{path}/?text={PAYLOAD}" for path in ("changes", "pages", "hosts", "seeds")]
ASKED += [f"/runs/?state={PAYLOAD}", f"/records/?seed={PAYLOAD}", f"/admin/catalog/seed/?q={PAYLOAD}"]
ASKED += [f"/login/?next={word}" for word in (PAYLOAD, "javascript:alert(1)", "//evil.example/")]


def full_of_payloads() -> None:
    """Rows of every kind whose texts are hostile: markup, long lines, stacked marks."""
    seed = factories.shop(timezone.now(), rounds=1, products=1)
    Seed.objects.filter(pk=seed.pk).update(
        name=(PAYLOAD * 3)[:200],
        include=PAYLOAD,
        robots_reason=PAYLOAD,
        user_agent=PAYLOAD,
        start_urls=f"http://shop.example/{PAYLOAD}\njavascript:alert(1)",
        headers=f"X-Key: {PAYLOAD}",
        fields=[{"name": "name", "css": PAYLOAD}],
    )
    url = f"http://shop.example/?q={PAYLOAD}"
    got = [
        Got(url, title=PAYLOAD + LONG, text=PAYLOAD + LONG, fields={"name": LONG + PAYLOAD}, links=(url,)),
        Got(url + "&a=1", title=MARKS * 400, text=MARKS * 400, fields={"name": MARKS * 400, "b": PAYLOAD}),
        Got(url + "&a=4", title=WORD, text=WORD, fields={"name": WORD}),
        Got(url + "&a=2", Outcome.FAILED, PAYLOAD[:40], 500, detail=(PAYLOAD * 10)[:300]),
        Got(url + "&a=3", Outcome.REDIRECTED, None, 301, location="javascript:alert(1)"),
    ]
    run = factories.crawl(seed, got, at=timezone.now(), state="open", waiting=3)
    texts = {"reason": PAYLOAD, "warnings": [PAYLOAD, LONG], "limits": {PAYLOAD: 1}}
    Run.objects.filter(pk=run.pk).update(**texts, out_of_scope=2, out_of_scope_sample=[PAYLOAD, LONG])
    Host.objects.update(robots_body=f"Sitemap: {url}\n# {PAYLOAD}\n{LONG}", robots_status=200)
    for text in (PAYLOAD, LONG, WORD, MARKS * 400):
        texts = dict.fromkeys(("subject", "field", "collection", "detail", "before", "after"), text)
        for kind in Event.Kind:
            ours = {"field": text[:200], "collection": text[:100]}
            factories.make_event(seed, kind=kind, at=timezone.now(), run_id=run.pk, url=url, **texts | ours)
    KeptView.objects.create(name=(PAYLOAD * 2)[:100], query=f"text={PAYLOAD}")
    Export.objects.create(kind="pages", format="csv", seed=seed, error=PAYLOAD + LONG, state="failed")
    outlet = make_outlet(
        seed, name=(PAYLOAD * 3)[:100], last_error=PAYLOAD + LONG, failing_since=timezone.now()
    )
    Shipment.objects.create(
        outlet=outlet, number=1, cause="hand", state="given_up", reason=PAYLOAD + LONG, name=PAYLOAD, key="a"
    )
    TaskResult.objects.create(task_id=PAYLOAD[:200], task_name=PAYLOAD, result=LONG, traceback=LONG)


class Work:
    """What pages cost the browser: CPU time of its main thread, from the developer tools' protocol."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._tools = page.context.new_cdp_session(page)
        self._tools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def of(self, route: str) -> float:
        """Load a page and draw it; the seconds that took."""
        before = self._seconds()
        answer = self._page.goto(route, wait_until="load", timeout=30_000)
        self._page.evaluate("document.body.offsetHeight")  # it is drawn, not only there
        assert answer is not None and answer.status < 500, route
        return self._seconds() - before

    def _seconds(self) -> float:
        metrics = self._tools.send("Performance.getMetrics")["metrics"]
        return sum(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")


def test_no_page_of_site_or_admin_lets_what_was_crawled_do_anything(context: BrowserContext, site: str):  # noqa: F811
    full_of_payloads()
    asked: set[str] = set()
    dialogs: list[str] = []
    slow = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    context.on("request", lambda request: asked.add(request.url))
    page = context.new_page()
    page.on("dialog", dismiss)
    work = Work(page)
    looker = Client()
    factories.log_in(looker, "operator", is_staff=True, is_superuser=True)
    pages = [routes.address(route) for route in routes.routes() if not route.startswith(DOWNLOADS)]
    pages = [route for route in pages if looker.get(route, follow=True).status_code == 200]
    pages += [f"/{kind}/{row.pk}/" for kind, model in OF_KIND for row in model.objects.all()[:30]]
    for route in [*pages, *ASKED]:
        if (seconds := work.of(route)) > SECONDS:
            slow.append((route, seconds))
        assert page.evaluate("window.ran") is None, route
        assert page.evaluate("document.querySelectorAll('a[href^=\"javascript:\" i], [onerror]').length") == 0
    assert (slow, dialogs) == ([], [])
    assert {url for url in asked if not url.startswith((f"{site}/", "data:"))} == set()
    assert len(pages) > 70


def test_login_leads_to_the_page_asked_for(browser: Browser, site: str, settings):  # noqa: F811
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS  # the site's process has the product's
    factories.make_user("vera", "viewer", password="correct horse")
    page = browser.new_page(base_url=site)
    page.goto("/runs/")
    page.get_by_label("Username").fill("vera")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("Please enter a correct username")).to_be_visible()
    page.get_by_label("Username").fill("vera")
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
    expect(page.get_by_role("link", name="Admin")).to_have_count(0)
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    page.close()


def test_counters_of_the_dashboard_move(page: Page):
    run = factories.crawl(factories.make_seed("Shop"), [Got("http://shop.example/")], state="open", waiting=8)
    page.goto("/")
    expect(page.locator("#live")).to_contain_text("1 of 9 found")
    Run.objects.filter(pk=run.pk).update(stored=5)
    expect(page.locator("#live")).to_contain_text("5 of 9 found", timeout=10_000)
    Run.objects.filter(pk=run.pk).update(stored=9, state=Run.State.FINISHED)
    expect(page.locator("#live")).to_contain_text("Nothing is running", timeout=10_000)


def test_a_reader_far_away_sees_own_times_and_when_the_server_is_away(browser: Browser, site: str):  # noqa: F811
    context = seat(browser, site, timezone_id="Asia/Tokyo")
    sit_down(context, site, "viewer")
    at = datetime(2026, 3, 10, 20, 30, tzinfo=UTC)
    run = factories.make_run(factories.make_seed("Shop", next_slot=None, schedule="manual"), at=at)
    page = context.new_page()
    page.goto(reverse("run", args=[run.pk]))
    time = page.locator("time[title='2026-03-10 20:30:00 UTC']").last
    expect(time).to_have_text("2026-03-11 05:30:00")
    page.goto("/")
    away = page.get_by_text("No connection since")
    context.set_offline(True)
    expect(away).to_be_visible(timeout=20_000)
    context.set_offline(False)
    expect(away).to_have_count(0, timeout=20_000)
    context.close()


def test_a_run_is_stopped_after_a_question(page: Page):
    run = factories.crawl(factories.make_seed("Shop"), [Got("http://shop.example/")], state="open", waiting=8)
    page.goto(reverse("run", args=[run.pk]))
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Stop").click()
    run.refresh_from_db()
    assert run.state == Run.State.OPEN
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("The run is stopping")).to_be_visible()
    Run.objects.filter(pk=run.pk).update(state=Run.State.FINISHED)
    expect(page.get_by_role("button", name="Stop")).to_have_count(0, timeout=10_000)
    expect(page.locator(".head .state")).to_have_text("stopped", timeout=10_000)  # it loaded anew


def test_the_seed_form_shows_what_a_schedule_needs_and_tells_mistakes(page: Page):
    page.goto(reverse("admin:catalog_seed_add"))
    page.get_by_label("every so often").check()
    expect(page.locator("#id_every")).to_be_visible()
    expect(page.locator("#id_cron")).to_be_hidden()
    page.get_by_label("at set times (cron)").check()
    expect(page.locator("#id_every")).to_be_hidden()
    page.locator("#id_cron").fill("0 8 * * 1-5")
    page.locator("#id_time_zone").select_option("Asia/Tokyo")
    expect(page.locator("#id_robots_reason")).to_be_hidden()
    page.get_by_label("Obey robots.txt").uncheck()
    expect(page.locator("#id_robots_reason")).to_be_visible()
    page.get_by_label("Name:").fill("Herald")
    page.get_by_label("Start URLs:").fill("herald.example.org")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator("#id_start_urls_error")).to_contain_text("Did you mean https://herald.example.org?")
    expect(page.locator("#id_robots_reason_error")).to_contain_text("Write down why")
    page.get_by_label("Start URLs:").fill("https://herald.example.org")
    page.get_by_label("Obey robots.txt").check()
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator(".field-schedule_words")).to_contain_text("on weekdays, Asia/Tokyo")
    expect(page.locator(".due li")).to_have_count(5)
    page.get_by_role("link", name="View on site").click()
    expect(page.get_by_role("heading", name="Herald")).to_be_visible()


def test_run_now_from_the_page_of_a_seed(page: Page):
    seed = factories.make_seed("Shop")
    page.goto(reverse("seed", args=[seed.pk]))
    page.get_by_role("button", name="Run now").click()
    expect(page.get_by_text("Shop is being crawled now")).to_be_visible()
    assert Run.objects.get().kind == Run.Kind.MANUAL


def test_downloads_are_saved(page: Page):
    seed = factories.shop(rounds=1)
    page.goto(f"{reverse('records')}?seed={seed.pk}")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV", exact=True).click()
    assert download.value.suggested_filename == "records-corner-shop.csv"
    crawled = CrawledPage.objects.first()
    page.goto(reverse("version", args=[crawled.latest_id]))
    with page.expect_download() as download:
        page.get_by_role("link", name="Body").click()
    assert download.value.suggested_filename.startswith("version-")


def test_dark_where_the_reader_wants_it_dark(page: Page):
    def background() -> str:
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    page.emulate_media(color_scheme="light")
    page.goto("/")
    light = background()
    page.emulate_media(color_scheme="dark")
    assert background() != light


def test_filters_and_tabs_work_by_keyboard_and_mouse(page: Page):
    factories.shop(rounds=1)
    page.goto("/pages/")
    page.get_by_label("In address or title").fill("product 7")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.goto(reverse("run", args=[Run.objects.get().pk]))
    page.get_by_role("link", name="skipped 1").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("robots.txt forbids it")
    page.get_by_role("link", name="no complete answer in time").click()
    expect(page.locator("tbody tr")).to_contain_text("/slow")
