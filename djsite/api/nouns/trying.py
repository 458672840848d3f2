"""Try: fetching and reading one page as a crawl would, storing nothing."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from django.urls import reverse
from ninja import Router
from ninja.responses import Status
from ninja.schema import Schema
from pydantic import Field, StringConstraints

from catalog.models import Seed
from crawler.collections import Collection
from crawler.seeds import checks, lines
from crawler.seeds.collection_checks import collection as checked_collection
from djsite.api.callers import may_change_seeds, user_of
from djsite.api.paging import Id
from djsite.api.problems import Problem, field_refused
from djsite.api.rows import optional_seed
from djsite.desk.trials import site as trials

router = Router()
AWAY = "No worker can be asked now: Redis does not answer. Try again in a moment."
Key = Annotated[str, StringConstraints(pattern=r"^[-a-zA-Z0-9_]{1,64}$")]


class Wanted(Schema, extra="forbid"):
    """The page to be tried, and by which rules."""

    url: str = Field(min_length=1, max_length=2000)
    seed: Id | None = Field(None, description="By the rules and headers of this seed.")
    collections: list[dict[str, Any]] = Field([], max_length=20, description="Rules instead of the seed's.")


class Asked(Schema):
    """Where the answer will be."""

    key: str
    url: str


class Trial(Schema):
    """What came of it; ``trial`` is what ``crawlbeat try --json`` prints."""

    done: bool
    trial: dict[str, Any] | None = None


@router.post("", response={202: Asked}, auth=may_change_seeds, operation_id="try_page")
def ask(request: HttpRequest, wanted: Wanted) -> Status[Asked]:
    """Have a page tried; the answer is at ``url`` in some seconds."""
    seed = optional_seed(wanted.seed)
    address = _address(request, wanted.url, seed)
    key = trials.ask(address, seed, [_collection(plain) for plain in wanted.collections])
    if key is None:
        raise Problem(503, AWAY, headers={"Retry-After": "5"})
    return Status(202, Asked(key=key, url=reverse("api:get_trial", args=[key])))


@router.get(
    "/{slug:key}",
    response={200: Trial, 202: Trial},
    auth=may_change_seeds,
    operation_id="get_trial",
    url_name="get_trial",
)
def tried(request: HttpRequest, key: Key) -> Status[Trial]:
    """What came of a try; 202 while it is under way. Kept for an hour."""
    try:
        answer = trials.answer(key)
    except LookupError as error:
        raise Problem(404, str(error)) from error
    if answer is None:
        return Status(202, Trial(done=False))
    return Status(200, Trial(done=True, trial=answer.trial.plain()))


def _address(request: HttpRequest, url: str, seed: Seed | None) -> str:
    """The address that may be tried, by the networks that the seed may reach. Raises Problem."""
    try:
        address = checks.reachable(url, lines(seed.allow_networks) if seed else [])
    except ValueError as error:
        raise field_refused("url", str(error)) from error
    if refusal := trials.refusal(address, seed, user_of(request)):
        raise Problem(403, refusal)
    return address


def _collection(plain: dict[str, Any]) -> Collection:
    try:
        return Collection.of(checked_collection(plain))
    except ValueError as error:
        raise field_refused("collections", str(error)) from error
