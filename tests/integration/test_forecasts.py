"""Forecasts: made in slices under leases, never early at a host, ended in a time that is known."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.clock import db_now
from catalog.models import Forecast, Host
from crawler.policy import CrawlPolicy
from pipelines.forecasts import reading, work
from pipelines.forecasts.work import forecasts_to_do, go_on
from pipelines.frontier.hosts import forget_ids
from tests.fakeweb import Answer, FakeWeb, redirect
from tests.fakeweb.sized import shop

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies are read in processes of their own, which take half a second to start."""
    monkeypatch.setattr(reading.PageReader, "read", lambda self, body: reading.read(body))
    forget_ids()


def asked(url: str, **policy: Any) -> Forecast:
    """A forecast that somebody asked for."""
    rules = CrawlPolicy(start_urls=(url,), allow_networks=("127.0.0.0/8",), **{"delay": 0.0, **policy})
    return Forecast.objects.create(address=url, policy=rules.plain(), created_at=timezone.now())


def slice_of(forecast: Forecast, **options: Any) -> Forecast:
    """The forecast after a worker went on with it."""
    go_on(forecast.pk, db_now(), "w1", options.get("stopping", lambda: False))
    forecast.refresh_from_db()
    return forecast


def test_a_forecast_tells_the_size_of_a_shop_after_fifty_requests() -> None:
    site = shop(4, 400, 20, name="shop", all_numbers=False)
    with FakeWeb(site) as web:
        forecast = slice_of(asked(f"{web.url}/"))
        assert len(web.requests) <= 50
    assert forecast.state == Forecast.State.DONE, forecast.error
    assert forecast.result["pages"] == pytest.approx(site.pages, rel=0.1)
    assert forecast.result["least"] <= site.pages <= forecast.result["most"]
    assert forecast.requests == forecast.result["asked"] == len(web.requests)
    assert not Host.objects.exclude(lease_token="").exists()


def test_a_forecast_whose_worker_died_is_gone_on_with_and_asks_for_nothing_twice() -> None:
    site = shop(4, 400, 20, name="shop", all_numbers=False)
    with FakeWeb(site) as web:
        forecast = asked(f"{web.url}/")
        steps = iter([False] * 6 + [True])
        slice_of(forecast, stopping=lambda: next(steps))
        assert forecast.state == Forecast.State.WAITING and forecast.survey
        begun = len(web.requests)
        slice_of(forecast)
        paths = [seen.path for seen in web.requests]
    assert begun < len(paths) <= 50
    assert len(paths) == len(set(paths))
    assert forecast.state == Forecast.State.DONE


def test_a_worker_that_has_the_lease_is_left_alone_and_one_that_died_is_not() -> None:
    forecast = asked("http://127.0.0.1:9/")
    Forecast.objects.update(lease_token="other", lease_until=db_now() + timedelta(seconds=30))
    assert forecasts_to_do(db_now()) == []
    assert slice_of(forecast).lease_token == "other"
    Forecast.objects.update(lease_until=db_now() - timedelta(seconds=1))
    assert forecasts_to_do(db_now()) == [forecast.pk]


def test_a_host_that_a_crawl_holds_is_not_asked_and_the_forecast_waits() -> None:
    with FakeWeb() as web:
        web.on("/", Answer(body="<p>here"))
        until = db_now() + timedelta(seconds=30)
        Host.objects.create(origin=web.url, lease_owner="w2", lease_token="t", lease_until=until)
        forecast = slice_of(asked(f"{web.url}/"))
        assert not web.requests
    assert forecast.state == Forecast.State.WAITING and forecast.due_at > db_now()
    assert "is crawling" in forecast.note
    assert Host.objects.get().lease_token == "t"


def test_a_host_is_never_asked_early() -> None:
    with FakeWeb() as web:
        web.on("/robots.txt", Answer(body="User-agent: *\nCrawl-delay: 9\n", content_type="text/plain"))
        web.on("/", Answer(body='<a href="/a">a</a>'))
        forecast = slice_of(asked(f"{web.url}/", delay=0.1))
        assert [seen.path for seen in web.requests] == ["/robots.txt", "/"]
    assert forecast.state == Forecast.State.WAITING
    next_at = Host.objects.get().next_request_at
    assert next_at and next_at > db_now() + timedelta(seconds=5)
    assert forecast.due_at >= next_at - timedelta(seconds=1)


def test_a_dead_site_is_answered_with_a_sentence() -> None:
    forecast = slice_of(asked("http://127.0.0.1:9/"))
    assert forecast.state == Forecast.State.FAILED
    assert forecast.error.startswith("http://127.0.0.1:9/ could not be read")


def test_a_forecast_ends_in_its_time_with_what_is_known_then() -> None:
    with FakeWeb() as web:
        web.on("/", Answer(body="".join(f'<a href="/{name}">x</a>' for name in "abcdefgh")))
        forecast = asked(f"{web.url}/")
        Forecast.objects.update(created_at=timezone.now() - timedelta(seconds=work.MOST_SECONDS + 1))
        forecast.refresh_from_db()
        slice_of(forecast)
    assert forecast.state == Forecast.State.DONE
    assert forecast.note.startswith("It was ended after 10 minutes")
    assert forecast.result["pages"] == 9


def test_what_robots_txt_forbids_is_left_out_and_told() -> None:
    with FakeWeb() as web:
        web.on("/robots.txt", Answer(body="User-agent: *\nDisallow: /private/\n", content_type="text/plain"))
        web.on("/", Answer(body='<a href="/private/1">1</a><a href="/private/2">2</a><a href="/a">a</a>'))
        web.on("/a", Answer(body="<p>a"))
        forecast = slice_of(asked(f"{web.url}/"))
        assert not [seen for seen in web.requests if "private" in seen.path]
    assert (forecast.result["pages"], forecast.result["exact"]) == (2, True)
    assert forecast.result["robots_refused"] == 2


def test_an_address_that_leads_to_another_is_no_page_of_its_own() -> None:
    with FakeWeb() as web:
        web.on("/", Answer(body='<a href="/old">old</a><a href="/new">new</a>'))
        web.on("/old", redirect("/new", 301))
        web.on("/new", Answer(body="<p>new"))
        forecast = slice_of(asked(f"{web.url}/"))
    assert forecast.state == Forecast.State.DONE
    assert (forecast.result["pages"], forecast.result["failed"]["redirected"]) == (2, 1)
