"""Forecasts on the site and for programs: asked for, shown in words, compared with what came."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Forecast, Seed
from crawler.forecasting.forecast import Forecast as Result
from crawler.forecasting.forecast import KindOfPage
from crawler.forecasting.traps import Trap
from djsite.desk.access import tokens
from tests import factories

pytestmark = pytest.mark.django_db

RESULT = Result(
    pages=1_240, least=1_000, most=1_500, requests=1_260, page_bytes=20_000, stored_bytes=6_000, delay=1.0,
    answer_seconds=0.2, run_seconds=1_512.0, runs_a_month=30.0, asked=50,
    kinds=[KindOfPage(pattern="http://a.example/item/*", example="http://a.example/item/1", pages=1_200)],
    traps=[Trap("http://a.example/*?month", "calendar", "", "http://a.example/c?month=2026-05")],
)  # fmt: skip


@pytest.fixture
def operator() -> Client:
    client = Client()
    factories.log_in(client, "operator")
    return client


def done(seed: Seed) -> Forecast:
    """A forecast of a seed that was made an hour ago."""
    return Forecast.objects.create(
        seed=seed,
        address="http://a.example/",
        policy=seed.policy().plain(),
        state=Forecast.State.DONE,
        result=msgspec.to_builtins(RESULT),
        created_at=timezone.now() - timedelta(hours=1),
    )


def test_a_button_asks_for_a_forecast_and_the_page_waits_for_it(operator: Client) -> None:
    seed = factories.make_seed()
    answer = operator.post(f"/seeds/{seed.pk}/forecast/", follow=True)
    assert "0 of at most 50 requests were made" in answer.content.decode()
    assert Forecast.objects.get().seed == seed


def test_a_forecast_is_shown_in_plain_words_with_its_traps(operator: Client) -> None:
    page = operator.get(f"/forecasts/{done(factories.make_seed()).pk}/").content.decode()
    assert "About 1,240 pages (1,000 to 1,500)" in page
    assert "25 minutes at one request a second" in page
    assert "A calendar leads to ever further dates." in page
    assert "7.4 MB for the first run; at most 223 MB a month" in page


def test_after_a_run_the_forecast_is_compared_with_what_came(operator: Client) -> None:
    seed = factories.make_seed()
    row = done(seed)
    factories.make_run(seed, at=timezone.now(), started_at=timezone.now(), discovered=1_190, stored=1_190)
    for path in (f"/seeds/{seed.pk}/", f"/forecasts/{row.pk}/"):
        assert "Forecast 1,240, came 1,190 (−4%)" in operator.get(path).content.decode()


def test_the_seed_form_asks_before_anything_is_saved_and_gets_its_words_back(operator: Client) -> None:
    boxes = {"start_urls": "http://shop.example/", "name": "Tea", "schedule": "manual", "tags": "tea"}
    form = operator.get("/seeds/new/").context["form"]
    sent = {name: form[name].value() or "" for name in form.fields} | boxes
    sent = {name: value for name, value in sent.items() if value is not False}
    answer = operator.post("/seeds/new/", {**sent, "step": "forecast"}, follow=True)
    row = Forecast.objects.get()
    assert not Seed.objects.exists() and row.seed is None
    assert row.policy["start_urls"] == ["http://shop.example/"]
    assert f"/seeds/new/?forecast={row.pk}" in answer.content.decode()
    back = operator.get(f"/seeds/new/?forecast={row.pk}").context["form"]
    assert back["name"].value() == "Tea"


def test_a_program_asks_for_a_forecast_and_gets_it_when_it_is_done() -> None:
    made = tokens.make(factories.make_user("operator", "operator"), "program", "operator", None)
    client = Client(headers={"Authorization": f"Bearer {made.secret}"})
    seed = factories.make_seed()
    asked = client.post("/api/forecasts", {"seed": seed.pk}, content_type="application/json")
    assert asked.status_code == 202, asked.content
    assert client.get(asked.json()["url"]).status_code == 202
    answer = client.get(f"/api/forecasts/{done(seed).pk}")
    assert (answer.status_code, answer.json()["result"]["pages"]) == (200, 1_240)
    neither = client.post("/api/forecasts", {}, content_type="application/json")
    private = client.post("/api/forecasts", {"url": "http://127.0.0.1/"}, content_type="application/json")
    assert (neither.status_code, private.status_code) == (422, 422)
