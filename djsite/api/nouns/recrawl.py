"""Recrawl: fetching chosen addresses again now, whatever the schedule says."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from ninja.responses import Status
from ninja.schema import Schema
from pydantic import Field

from crawler.rules.urls import origin_of
from crawler.seeds import checks
from djsite.api.callers import may_start_runs
from djsite.api.paging import Id
from djsite.api.problems import FieldProblem, Problem, field_refused
from djsite.api.rows import optional_seed
from djsite.desk import recrawls

router = Router()
Url = Annotated[str, Field(min_length=1, max_length=2000)]


class Wanted(Schema, extra="forbid"):
    """Which addresses are to be fetched again."""

    urls: list[Url] = Field([], max_length=recrawls.MAX_URLS)
    host: str = Field("", max_length=300, description="Instead of urls: all pages of https://example.org.")
    seed: Id | None = Field(None, description="Without it, for all seeds that have or cover them.")


class Ordered(Schema):
    """A run and how many pages it fetches."""

    run: int
    seed: int
    seed_name: str
    pages: int


class Recrawled(Schema):
    """What is fetched, and a sentence for each address that is not."""

    runs: list[Ordered]
    refused: list[str]


@router.post("", response={202: Recrawled}, auth=may_start_runs, operation_id="recrawl")
def recrawl(request: HttpRequest, wanted: Wanted) -> Status[Recrawled]:
    """Fetch addresses again now; 422 if none can be."""
    seed, now = optional_seed(wanted.seed), timezone.now()
    if bool(wanted.urls) == bool(wanted.host):
        raise field_refused("urls", "urls: give addresses, or a host instead.")
    if wanted.urls:
        return begun(recrawls.recrawl_urls(wanted.urls, now, seed), "urls")
    origin = _origin(wanted.host)
    by_seed = seed and recrawls.recrawl_seed(seed, now, origin)
    return begun(by_seed or recrawls.recrawl_host(origin, now), "host")


def _origin(host: str) -> str:
    try:
        return origin_of(checks.address(host))
    except ValueError as error:
        raise field_refused("host", f"host: {error}") from error


def begun(recrawl: recrawls.Recrawl, field: str = "") -> Status[Recrawled]:
    """The answer to a recrawl. Raises Problem if it fetches nothing."""
    if not recrawl.ordered:
        sentences = [f"{sentence}." for sentence in recrawl.refused]
        raise Problem(422, " ".join(sentences[:3]), [FieldProblem(field, each) for each in sentences[:100]])
    runs = [
        Ordered(
            run=ordered.run.pk,
            seed=ordered.run.seed_id,
            seed_name=ordered.run.seed.name,
            pages=ordered.pages,
        )
        for ordered in recrawl.ordered
    ]
    return Status(202, Recrawled(runs=runs, refused=recrawl.refused))
