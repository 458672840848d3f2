"""Forecasts: how large a crawl would be, asked of the site before it begins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import Router
from ninja.responses import Status
from ninja.schema import Schema
from pydantic import Field

from catalog.models import Forecast
from crawler.seeds import checks
from djsite.api.callers import may_change_seeds, may_look, user_of
from djsite.api.paging import Id
from djsite.api.problems import field_refused
from djsite.api.rows import named_seed, row_of
from djsite.desk.forecasts import asking, words

router = Router()


class Wanted(Schema, extra="forbid"):
    """Of what: a seed as it is, or an address by the usual rules."""

    seed: Id | None = Field(None, description="A seed; then no url.")
    url: str = Field("", max_length=2000, description="An address; then no seed.")


class Came(Schema):
    """What the first whole run after a forecast found."""

    run: int
    pages: int
    difference: float = Field(description="From what was forecast: -0.04 is four in a hundred fewer.")


class ForecastRow(Schema):
    """A forecast; ``result`` is there once it is done."""

    id: int
    url: str
    seed: int | None
    address: str
    state: str
    requests: int
    note: str
    error: str
    asked_at: datetime
    finished_at: datetime | None
    sentence: str = Field(description="The number of pages, in words.")
    result: dict[str, Any] | None
    came: Came | None


@router.post("", response={202: ForecastRow}, auth=may_change_seeds, operation_id="ask_forecast")
def ask(request: HttpRequest, wanted: Wanted) -> Status[ForecastRow]:
    """Have a forecast made, by at most 50 polite requests; the answer is at ``url`` in about a minute."""
    if bool(wanted.url) == (wanted.seed is not None):
        raise field_refused("url", "Name a seed or an address, one of them.")
    user = user_of(request)
    if wanted.seed is not None:
        seed = named_seed(wanted.seed)
        if not seed.policy().start_urls:
            raise field_refused("seed", "This seed has no start address to begin from.")
        return Status(202, _row(asking.ask_for_seed(seed, user, timezone.now())))
    try:
        address = checks.reachable(wanted.url, [])
    except ValueError as error:
        raise field_refused("url", str(error)) from error
    return Status(202, _row(asking.ask_for_address(address, (), user)))


@router.get(
    "/{int:pk}",
    response={200: ForecastRow, 202: ForecastRow},
    auth=may_look,
    operation_id="get_forecast",
    url_name="get_forecast",
)
def get(request: HttpRequest, pk: Id) -> Status[ForecastRow]:
    """A forecast; 202 while it is made."""
    row = row_of(Forecast.objects.all(), pk)
    return Status(202 if row.state == Forecast.State.WAITING else 200, _row(row))


def _row(row: Forecast) -> ForecastRow:
    result, came = asking.result_of(row), asking.what_came(row)
    return ForecastRow(
        id=row.pk,
        url=reverse("api:get_forecast", args=[row.pk]),
        seed=row.seed_id,
        address=row.address,
        state=row.state,
        requests=row.requests,
        note=row.note,
        error=row.error,
        asked_at=row.created_at,
        finished_at=row.finished_at,
        sentence=words.headline(result) if result else "",
        result=row.result,
        came=Came(run=came.run.pk, pages=came.pages, difference=round(came.difference, 4)) if came else None,
    )
