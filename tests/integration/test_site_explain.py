"""The page that explains an address, the search in a run, and the command: their words, and escaping."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from catalog.models import Run, Visit
from console import cli
from crawler.outcomes import Outcome
from tests import factories
from tests.factories import Got
from tests.integration.test_site_escaping import PAYLOADS, assert_harmless
from tests.integration.test_site_pages import text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]


@pytest.fixture
def viewer(client: Client) -> Client:
    factories.log_in(client, "viewer")
    return client


@pytest.fixture
def run() -> Run:
    """A run whose start page led to a page that answered 404."""
    seed = factories.make_seed("Corner shop", exclude="*/cart*")
    gone = Got("http://shop.example/old?page=1", Outcome.FAILED, "http_404", 404, depth=1)
    run = factories.crawl(seed, [Got("http://shop.example/"), gone])
    start = Visit.objects.get(run=run, depth=0)
    Visit.objects.filter(run=run, depth=1).update(found_on=start.pk)
    return run


def explained(viewer: Client, url: str, **query: str) -> str:
    return text(viewer, f"{reverse('explain')}?{urlencode({'url': url, **query})}")


def test_the_verdict_comes_first_then_what_would_have_to_change_then_the_steps(viewer: Client, run: Run):
    page = explained(viewer, "shop.example/cart/7")
    parts = ("It is not asked. The seed excludes it: “*/cart*”.", "What would have to change", "robots.txt")
    places = [page.index(part) for part in parts]
    assert places == sorted(places)
    assert reverse("seed", args=[run.seed_id]) in page


def test_no_address_and_no_text_are_told_apart(viewer: Client):
    assert "is no web address" in explained(viewer, "tea")
    assert "What would have to change" not in explained(viewer, "")
    assert "What would have to change" not in explained(viewer, "tea", seed="x")


def test_a_search_without_pages_leads_there(viewer: Client, run: Run):
    address = "http://shop.example/nowhere"
    quoted = "http%3A%2F%2Fshop.example%2Fnowhere"
    assert f"{reverse('explain')}?url={quoted}" in text(viewer, reverse("pages"), text=address)
    page = text(viewer, reverse("run", args=[run.pk]), text=address)
    assert "This run did not visit it." in page
    assert f"{reverse('explain')}?url={quoted}" in page


def test_a_run_is_searched_by_letters_and_by_whole_addresses(viewer: Client, run: Run):
    url = reverse("run", args=[run.pk])
    assert "shop.example/old?page=1" in text(viewer, url, text="old?", outcome="failed")
    assert "shop.example/old?page=1" in text(viewer, url, text="HTTP://SHOP.example/old?page=1&utm_source=x")
    assert "No address with these letters ended failed" in text(viewer, url, text="new", outcome="failed")


def test_a_visit_names_the_page_on_which_it_was_found(viewer: Client, run: Run):
    start = Visit.objects.get(run=run, depth=0)
    page = text(viewer, reverse("run", args=[run.pk]), outcome="failed")
    assert f'<a href="{reverse("page", args=[start.page_id])}">/</a>' in page


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_strangers_write_stays_text(viewer: Client, payload: str):
    seed = factories.make_seed("Corner shop", exclude=f"*{payload}*"[:200])
    url = f"http://shop.example/?{payload}"
    factories.crawl(seed, [Got(url, Outcome.FAILED, "tls", None, detail=payload)])
    for asked in (url, payload):
        assert_harmless(viewer.get(reverse("explain"), {"url": asked}).content.decode(), asked)


def test_the_command_says_the_same_in_lines_and_as_json(run: Run, capsys: pytest.CaptureFixture[str]):
    assert cli.main(["explain", "shop.example/cart"]) == 1
    assert capsys.readouterr().out.startswith("It is not asked. The seed excludes it: “*/cart*”.\n")
    assert cli.main(["explain", "http://shop.example/", "--seed", "Corner shop", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["code"] == "stored"
    assert cli.main(["explain", "tea"]) == 2
    assert "is no web address" in capsys.readouterr().err
