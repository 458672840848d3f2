"""Everything: pausing all schedules and runs, and letting the very same go on."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from ninja.schema import Schema
from pydantic import Field

from djsite.api.callers import may_change_seeds, may_look, user_of
from djsite.desk.seeding import standstill

router = Router()


class Everything(Schema):
    """Whether everything is paused, since when and by whom."""

    paused: bool
    since: datetime | None = None
    by: str = ""
    seeds: int = Field(0, description="Schedules that go on afterwards.")
    runs: int = Field(0, description="Runs that go on afterwards.")
    detail: str = Field("", description="What was done.")


@router.get("", response=Everything, auth=may_look, operation_id="get_everything")
def state(request: HttpRequest) -> Everything:
    """Whether everything is paused."""
    return _state("")


@router.post("/pause", response=Everything, auth=may_change_seeds, operation_id="pause_everything")
def pause(request: HttpRequest) -> Everything:
    """Switch off every schedule and pause every run."""
    return _state(standstill.pause_everything(timezone.now(), user_of(request)))


@router.post("/resume", response=Everything, auth=may_change_seeds, operation_id="resume_everything")
def resume(request: HttpRequest) -> Everything:
    """Let go on what was paused with everything; what was paused before stays so."""
    return _state(standstill.go_on(timezone.now(), user_of(request)))


def _state(detail: str) -> Everything:
    current = standstill.standstill()
    if current is None:
        return Everything(paused=False, seeds=0, runs=0, detail=detail)
    return Everything(
        paused=True,
        since=current.since,
        by=current.by,
        seeds=len(current.seeds),
        runs=len(current.runs),
        detail=detail,
    )
