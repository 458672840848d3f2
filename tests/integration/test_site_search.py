"""Search for people and programs: the page, the call of the API, the command."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import ChangeSet, Page, Seed
from console import cli
from pipelines.search import lookup
from pipelines.search.indexing import index_in_turn
from tests import factories
from tests.factories import Got
from tests.integration.test_api import caller
from tests.integration.test_site_escaping import PAYLOADS, assert_harmless
from tests.integration.test_site_pages import text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
SITE = "http://shop.example/"


@pytest.fixture
def viewer(client: Client) -> Client:
    factories.log_in(client, "viewer")
    return client


def stored(*got: Got, name: str = "Corner shop", indexed: bool = True) -> Seed:
    seed = factories.make_seed(name, tags=["tea"])
    factories.crawl(seed, got)
    Page.objects.filter(changed_in=None).update(changed_in=ChangeSet.objects.create())
    if indexed:
        index_in_turn(timezone.now(), lambda: False)
    return seed


@pytest.fixture
def seed() -> Seed:
    tea = Got(SITE, title="Green tea", text="We sell Sencha & more.", fields={"price": 12})
    return stored(tea, Got(f"{SITE}pot", title="A pot", text="A pot for tea.", fields={"price": 30}))


def test_a_page_is_found_with_its_words_marked_where_it_is_and_when_it_was_seen(viewer: Client, seed: Seed):
    html = text(viewer, reverse("search"), text="sencha")
    assert "We sell <mark>Sencha</mark> & more." in html
    assert reverse("page", args=[Page.objects.get(url=SITE).pk]) in html
    assert SITE in html
    assert "Corner shop" in html
    assert "1 page" in html
    assert "to go" not in html


def test_without_words_the_page_says_how_to_write_them(viewer: Client, seed: Seed):
    assert "words that begin like this" in text(viewer, reverse("search"))
    assert "No page fits" in text(viewer, reverse("search"), text="coffee")


def test_every_page_of_the_site_has_the_box(viewer: Client):
    assert f'action="{reverse("search")}"' in text(viewer, reverse("dashboard"))


FILTERS = [
    ({"field": "price", "asked": "lt", "value": "20"}, 1),
    ({"field": "price", "asked": "between", "value": "10..40"}, 2),
    ({"field": "price", "asked": "lt", "value": "cheap"}, 2),
    ({"tag": "tea"}, 2),
    ({"host": "shop.example"}, 2),
    ({"host": "http://shop.example:80/"}, 2),
    ({"host": "other.example"}, 0),
    ({"seed": "999999"}, 2),
]


def test_filters_narrow_and_one_that_makes_no_sense_is_left_out(viewer: Client, seed: Seed):
    for query, pages in FILTERS:
        html = text(viewer, reverse("search"), text="tea", **query)
        assert html.count('class="under"') == pages, query
        assert ("It is left out here." in html) == (query.get("value") == "cheap")


def test_a_page_that_is_gone_is_marked(viewer: Client, seed: Seed):
    Page.objects.filter(url=SITE).update(gone_at=timezone.now())
    assert ">gone<" in text(viewer, reverse("search"), text="sencha")
    assert "No page fits" in text(viewer, reverse("search"), text="sencha", there="on")


def test_a_filter_that_did_not_look_at_all_pages_says_so(viewer: Client, seed: Seed, monkeypatch):
    for bound in ("FIRST", "MATCHING"):
        monkeypatch.setattr(lookup, bound, 1)
    Page.objects.exclude(url=SITE).update(gone_at=timezone.now())
    html = text(viewer, reverse("search"), text="tea", there="on")
    assert "No page of the newest that have these words" in html
    assert "No page fits" not in html


def test_how_far_the_index_is_stands_above_what_was_found(viewer: Client, seed: Seed):
    stored(Got(f"{SITE}new", title="New tea", text="New."), name="Other", indexed=False)
    assert "1 page to go." in text(viewer, reverse("search"), text="tea")


def test_what_strangers_wrote_is_shown_as_text(viewer: Client):
    pages = enumerate(PAYLOADS)
    stored(*(Got(f"{SITE}{at}", title=f"{each} needle", text=f"{each} needle {each}") for at, each in pages))
    for payload in PAYLOADS:
        for words in ("needle", f"needle {payload}", payload):
            response = viewer.get(reverse("search"), {"text": words, "field": payload, "value": payload})
            assert_harmless(response.content.decode(), payload)
    html = viewer.get(reverse("search"), {"text": "needle"}).content.decode()
    assert html.count("<mark>needle</mark>") == 2 * len(PAYLOADS)


def test_a_program_gets_the_same_in_parts(seed: Seed):
    client = caller()
    first = client.get("/api/search", {"text": "tea", "limit": 1}).json()
    assert first["next_cursor"]
    rest = client.get("/api/search", {"text": "tea", "limit": 1, "cursor": first["next_cursor"]}).json()
    assert [item["url"] for item in (*first["items"], *rest["items"])] == [SITE, f"{SITE}pot"]
    assert {"text": "tea", "matched": True} in first["items"][0]["title"]
    assert rest["next_cursor"] is None
    assert first["count"] == 2
    assert first["index"]["complete"] is True


PROBLEMS = [
    ("text=tea&where=price", "where"),
    ("text=tea&where=price.lt%3Dcheap", "where"),
    ("text=tea&where=price.near%3D3", "where"),
    ("text=tea&changed_since=soon", "changed_since"),
    ("text=tea&cursor=x", "cursor"),
    ("text=tea&seed=999", "seed"),
    ("", "text"),
]


def test_a_call_that_makes_no_sense_is_a_problem_that_names_the_field(seed: Seed):
    client = caller()
    for query, field in PROBLEMS:
        answer = client.get(f"/api/search?{query}")
        assert answer.status_code == 422, query
        assert answer.json()["errors"][0]["field"] == field


def test_a_call_has_the_filters_of_the_page(seed: Seed):
    client = caller()
    query = {"text": "tea", "where": ["price.lt=20"], "tag": "tea", "changed_since": "2020-01-01"}
    assert [item["url"] for item in client.get("/api/search", query).json()["items"]] == [SITE]
    late = (timezone.now() + timedelta(days=400)).date().isoformat()
    assert client.get("/api/search", {"text": "tea", "changed_since": late}).json()["items"] == []


def test_the_command_prints_what_was_found(seed: Seed, tmp_path, capsys):
    words = ["search", "--data", str(tmp_path), "sencha tea", "--where", "price.gt=1"]
    assert cli.main(words) == 0
    told = capsys.readouterr()
    assert told.out.splitlines()[:2] == ["Green tea", f"  {SITE}"]
    assert "1 page" in told.err
    assert cli.main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["url"] == SITE
    assert cli.main([*words[:3], "coffee"]) == 1
    assert cli.main([*words, "--where", "price"]) == 2
