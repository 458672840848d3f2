"""Health: whether all runs, and what needs somebody."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from ninja.schema import Schema
from pydantic import Field

from djsite.api.callers import may_look
from djsite.desk.health import report

router = Router()


class Health(Schema):
    """The state of the whole system; the same as ``crawlbeat status --json``."""

    summary: str = Field(description="One sentence about all of it.")
    problems: list[str]
    findings: list[dict[str, Any]] = Field(description="Problems and notes, each with what to do about it.")
    redis: bool
    workers: list[dict[str, Any]]
    lanes: list[dict[str, Any]]
    seeds: list[dict[str, Any]] = Field(description="Seeds that are in trouble.")
    runs: dict[str, int] = Field(description="Runs that are not over, by state.")


@router.get("", response=Health, auth=may_look, operation_id="get_health")
def health(request: HttpRequest) -> Health:
    """Whether all runs."""
    state = report(timezone.now())
    return Health(**{name: state[name] for name in Health.model_fields})
