"""Explain: why an address is stored or missing, and what would have to change."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from django.http import HttpRequest
from ninja import Query, Router
from ninja.schema import Schema
from pydantic import Field

from djsite.api.callers import may_look
from djsite.api.paging import Id
from djsite.api.problems import field_refused
from djsite.api.rows import optional_seed
from djsite.desk.explain.explaining import explain
from djsite.desk.explain.explanation import Code

router = Router()


class Wanted(Schema):
    """The address, also one that nobody has seen."""

    url: str = Field(min_length=1, max_length=10_000)
    seed: Id | None = None


class Explained(Schema):
    """All about one address; the same as ``crawlbeat explain --json``."""

    text: str
    code: str
    mark: str
    verdict: str
    address: str
    canonical: str
    seeds: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    more: int


@router.get("", response=Explained, auth=may_look, operation_id="explain")
def address(request: HttpRequest, wanted: Annotated[Wanted, Query()]) -> Explained:
    """Why an address is here or missing; no host is asked."""
    explanation = explain(wanted.url, optional_seed(wanted.seed))
    if explanation.code == Code.NOT_AN_ADDRESS:
        raise field_refused("url", f"url: {explanation.verdict}")
    return Explained(**msgspec.to_builtins(explanation))
