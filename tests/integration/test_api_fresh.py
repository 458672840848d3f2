"""Values that are young enough: from the tables, or after one request to the host for all who ask."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import redis
from django.db import connection
from django.test import Client
from django.utils import timezone

from catalog.models import Page, Run, Seed
from djsite.desk.access import tokens
from djsite.desk.fresh import looks
from tests import factories
from tests.fakeweb import Answer, FakeWeb, linked_site
from tests.harness.path import crawl_seed, drive

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("archive", "valkey")]
CALLS, AT_ONCE = 40, 8


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb(linked_site(pages=3)) as server:
        yield server


@pytest.fixture
def seed(web: FakeWeb, valkey: redis.Redis) -> Seed:
    """A seed with a title for each page, crawled an hour ago."""
    rule = {"name": "title", "css": "title::text"}
    crawl_seed(factories.make_web_seed(web, name="site", fields=[rule]), valkey)
    Page.objects.update(last_fetched_at=timezone.now() - timedelta(hours=1))
    web.requests.clear()
    return Seed.objects.get()


@pytest.fixture
def client() -> Client:
    return caller("operator")


def caller(role: str) -> Client:
    made = tokens.make(factories.make_user(role, "operator"), "program", role, None)
    return Client(headers={"Authorization": f"Bearer {made.secret}"})


def asked_for(web: FakeWeb) -> list[str]:
    return [seen.path for seen in web.requests if seen.path != "/robots.txt"]


def test_what_is_young_enough_is_answered_from_the_tables(web, seed, client):
    answer = client.get("/api/records", {"url": f"{web.url}/p/1", "max_age": "2h"})
    assert answer.status_code == 200, answer.content
    assert answer.json()["look"]["outcome"] == "got"
    assert len(answer.json()["items"]) == 1
    assert not web.requests
    assert not Run.objects.filter(kind=Run.Kind.RECRAWL).exists()


def test_many_equal_calls_are_one_request_to_the_host(web, seed, client, valkey):
    query = {"url": f"{web.url}/p/1", "max_age": "10m", "wait": "0"}

    def call(_: int) -> int:
        try:
            return client.get("/api/records", query).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert set(pool.map(call, range(CALLS))) == {202}
    run = Run.objects.get(kind=Run.Kind.RECRAWL)
    pending = client.get("/api/records", query)
    assert (pending["Location"], pending["Retry-After"]) == (f"/api/runs/{run.pk}", "3")
    drive(run, valkey)
    assert asked_for(web) == ["/p/1"]
    answer = client.get("/api/records", query)
    assert answer.status_code == 200
    assert len(answer.json()["items"]) == 1
    assert Run.objects.filter(kind=Run.Kind.RECRAWL).count() == 1


def test_a_call_waits_for_the_look_and_gets_its_values(web, seed, client, valkey, monkeypatch):
    url = f"{web.url}/p/1"
    monkeypatch.setattr(looks.time, "sleep", lambda _: drive(Run.objects.get(kind=Run.Kind.RECRAWL), valkey))
    answer = client.get("/api/records", {"url": url, "max_age": "10m", "wait": "30"})
    assert answer.status_code == 200
    assert asked_for(web) == ["/p/1"]


def test_a_look_that_failed_is_one_and_is_not_asked_for_again(web, seed, client, valkey):
    web.on("/p/1", Answer(status=410))
    query = {"url": f"{web.url}/p/1", "max_age": "10m", "wait": "0"}
    assert client.get("/api/records", query).status_code == 202
    drive(Run.objects.get(kind=Run.Kind.RECRAWL), valkey)
    answer = client.get("/api/records", query).json()
    assert (answer["look"]["outcome"], answer["look"]["reason"]) == ("failed", "http_410")
    assert asked_for(web) == ["/p/1"]


def test_a_call_that_may_only_look_asks_no_host(web, seed):
    viewer = caller("viewer")
    url = f"{web.url}/p/1"
    assert viewer.get("/api/records", {"url": url}).status_code == 200
    answer = viewer.get("/api/records", {"url": url, "max_age": "10m"})
    assert answer.status_code == 403
    assert not Run.objects.filter(kind=Run.Kind.RECRAWL).exists()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"url": "https://elsewhere.example/"}, "url belongs to no seed"),
        ({"url": "ftp://x/"}, "cannot be crawled"),
        ({"url": "http://a.example/", "max_age": "1s"}, "belongs to no seed"),
        ({"max_age": "10m"}, "max_age goes with url"),
    ],
)
def test_an_address_that_is_nobodys_is_refused(client, query, words):
    answer = client.get("/api/records", query)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]


def test_who_finds_all_places_taken_is_told_to_come_again_at_once(monkeypatch):
    monkeypatch.setattr(looks._waiting, "acquire", lambda blocking: False)
    assert not looks.wait_until(lambda: False, 30)
