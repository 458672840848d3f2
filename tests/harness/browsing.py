"""Somebody at a real browser, before the site: in which role, how wide, in which colours.

The fixtures are imported by the files of browser tests. A browser and a site serve all tests of a file, as
most tests take less time than to start them.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests import factories
from tests.harness.axe import grave_violations
from tests.harness.processes import Processes
from tests.harness.servers import Valkey
from tests.harness.waiting import PATIENCE

PICTURES = os.environ.get("CRAWLBEAT_TEST_PICTURES")  # a folder for pictures of the pages that are looked at
CHROMIUM = shutil.which("chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PHONE = ViewportSize(width=400, height=800)
DESK = ViewportSize(width=1400, height=900)
NEEDS_CHROMIUM = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="NOT TESTED: no chromium here; install it to test the site"),
]
expect.set_options(timeout=5_000 * PATIENCE)


class Look(NamedTuple):
    """How wide the window is, and the colours that its reader wants."""

    size: ViewportSize
    scheme: Literal["dark", "light"]


AT_PHONE, AT_DESK = Look(PHONE, "dark"), Look(DESK, "light")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def scene(
    django_db_setup: None, valkey_server: Valkey, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Processes]:
    """Processes that stay for all tests of a file: Redis is emptied before, and the tables between them."""
    valkey_server.client.flushall()
    started = Processes(tmp_path_factory.mktemp("scene"))
    yield started
    started.end()


@pytest.fixture(scope="module")
def address(scene: Processes) -> str:
    return scene.web()[1]


@pytest.fixture
def site(address: str, transactional_db: None, archive: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a running site. Playwright's loop in this thread must not keep the ORM from working."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    return address


class Seats:
    """Places at a browser, one for each look. They stay for the tests of a file; who sits there changes.

    A context of its own for each test would take as long as two pages more.
    """

    def __init__(self, browser: Browser, site: str) -> None:
        self._browser, self._site = browser, site
        self._seats: dict[str, BrowserContext] = {}

    @contextmanager
    def taken(
        self, role: str | None, look: Look = AT_DESK, *, staff: bool = False, bears: str = "nothing"
    ) -> Iterator[BrowserContext]:
        """By somebody of this role who is logged in; ``staff`` may do everything.

        At the end the browser has had nothing to complain about, but for what has the words ``bears``.
        """
        if look.scheme not in self._seats:
            self._seats[look.scheme] = seat(self._browser, self._site, look)
        context = self._seats[look.scheme]
        sit_down(context, self._site, role, staff=staff)
        complaints = complaints_of(context)
        try:
            yield context
        finally:
            for page in context.pages:
                page.close()
        assert [complaint for complaint in complaints if bears not in complaint] == []


@pytest.fixture(scope="module")
def seats(browser: Browser, address: str) -> Seats:
    return Seats(browser, address)


def seat(browser: Browser, site: str, look: Look = AT_DESK, **options: Any) -> BrowserContext:
    """A place before the site at which nobody sits yet. The options are Playwright's."""
    return browser.new_context(base_url=site, viewport=look.size, color_scheme=look.scheme, **options)


def sit_down(context: BrowserContext, site: str, role: str | None, *, staff: bool = False) -> None:
    """Log somebody new in."""
    client = Client()
    factories.log_in(client, role, is_staff=staff, is_superuser=staff)
    context.clear_cookies()
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site}])


def complaints_of(context: BrowserContext) -> list[str]:
    """What the browser's console will complain of."""
    complaints: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        address = message.location["url"]
        # a browser asks for the icon beside what is no HTML
        if message.type == "error" and not address.endswith("/favicon.ico"):
            complaints.append(f"{address}: {message.text}")

    context.on("console", complain)
    context.on("weberror", lambda told: complaints.append(str(told.error)))
    return complaints


@pytest.fixture(params=[AT_PHONE, AT_DESK], ids=["phone", "desk"])
def look(request: pytest.FixtureRequest) -> Look:
    """A test that asks for it runs once for each."""
    return request.param  # type: ignore[no-any-return]


def fits(page: Page) -> None:
    """See that a page does not scroll sideways."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} at {page.viewport_size} is {wide} px too wide"
    if PICTURES:
        path = re.sub(r"[^a-z0-9]+", "-", page.url.partition("//")[2].partition("/")[2].lower())
        name = f"{path[:60]}-{page.evaluate('innerWidth')}.png"
        page.screenshot(path=Path(PICTURES, name), full_page=True)


def look_at(page: Page) -> None:
    """See that a page fits and shuts nobody out. It takes long: once for each page and look, in all tests."""
    fits(page)
    assert grave_violations(page) == [], page.url
