"""Runs: the ledger, the pages that one asked for and why some failed; stopping, pausing, resuming."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from ninja.schema import Schema
from pydantic import Field

from catalog.models import Run, Visit
from crawler.outcomes import Outcome
from crawler.rules.patterns import MAX_PATTERN
from djsite.api.callers import may_change_seeds, may_look, may_steer_runs, user_of
from djsite.api.paging import Id, Listed, Parts, cut_part, next_cursor
from djsite.api.problems import Problem, field_refused
from djsite.api.rows import optional_seed, row_of
from djsite.api.shapes import RowShape
from djsite.desk import runs
from djsite.desk.read.runs import WAITING, all_runs, list_runs, reasons_of, visits_of
from djsite.desk.steering import leaving_out
from djsite.desk.words import reason_words

router = Router()
State = Literal["due", "open", "paused", "stopping", "finished", "skipped", "missed"]
Kind = Literal["scheduled", "manual", "command", "recrawl"]
Ended = Literal["stored", "unchanged", "redirected", "failed", "skipped", "waiting"]
Action = Literal["stop", "pause", "resume"]


class RunShape(RowShape):
    """A crawl of a seed. The counts add up: found is the sum of the others and what still waits."""

    id: int
    seed: int
    seed_name: str
    kind: str
    state: str
    reason: str
    slot: datetime = Field(description="The due time that it answers.")
    started_at: datetime | None
    finished_at: datetime | None
    found: int
    stored: int
    unchanged: int
    redirected: int
    failed: int
    skipped: int
    known_failures: int = Field(description="Of those that failed, those that somebody has accepted.")

    @staticmethod
    def of(run: Run) -> RunShape:
        """A run, which has its seed."""
        return RunShape.of_row(run, seed=run.seed_id, seed_name=run.seed.name, found=run.discovered)


class RunList(Listed):
    """Runs, newest first."""

    items: list[RunShape]


class RunFilter(Schema):
    """Which runs are wanted."""

    seed: Id | None = None
    state: State | None = None
    unfinished: bool = Field(False, description="Only those that have not ended.")
    kind: Kind | None = Field(None, description="Without it, all but second looks at pages that changed.")


class FetchShape(Schema):
    """What became of one address in a run."""

    id: int
    url: str
    outcome: str | None = Field(description="null: it waits.")
    reason: str | None = Field(description="A code of docs/outcomes.md.")
    words: str
    status: int | None
    fetched_at: datetime | None
    page: int | None


class FetchList(Listed):
    """Addresses of a run."""

    items: list[FetchShape]


class FetchFilter(Schema):
    """Which addresses of a run are wanted."""

    outcome: Ended = "failed"
    reason: str = Field("", max_length=40)


class ReasonShape(Schema):
    """How many addresses of a run ended for a reason."""

    outcome: str
    reason: str
    words: str
    count: int


class Steered(Schema):
    """What came of it."""

    changed: bool
    detail: str
    run: RunShape


class LeaveOut(Schema, extra="forbid"):
    """A pattern of addresses, as a seed excludes them."""

    pattern: str = Field(min_length=1, max_length=MAX_PATTERN)
    preview: bool = Field(False, description="Only say what waits of it; nothing is changed.")


class LeftOut(Schema):
    """How many waiting addresses match, and a sentence."""

    waiting: int
    detail: str


@router.get("", response=RunList, auth=may_look, operation_id="list_runs")
def list_of(request: HttpRequest, wanted: Annotated[RunFilter, Query()], part: Parts) -> RunList:
    """All runs, or those of a seed, newest first."""
    optional_seed(wanted.seed)
    rows = list_runs(wanted.seed, wanted.state or "", wanted.kind or "")
    if wanted.unfinished:
        rows = rows.filter(finished_at=None)
    found = cut_part(rows, part)
    return RunList(items=[RunShape.of(run) for run in found.rows], next_cursor=next_cursor(found))


@router.get("/{int:pk}", response=RunShape, auth=may_look, operation_id="get_run", url_name="get_run")
def one(request: HttpRequest, pk: Id) -> RunShape:
    """One run."""
    return RunShape.of(row_of(all_runs(), pk))


@router.get("/{int:pk}/pages", response=FetchList, auth=may_look, operation_id="list_pages_of_run")
def pages(request: HttpRequest, pk: Id, wanted: Annotated[FetchFilter, Query()], part: Parts) -> FetchList:
    """The addresses of a run that ended so, or wait, in the order in which they were found."""
    visits = visits_of(row_of(all_runs(), pk), WAITING if wanted.outcome == "waiting" else wanted.outcome)
    search = Q(reason=wanted.reason) if wanted.reason else None
    found = cut_part(visits, part, order="id", search=search)
    return FetchList(items=[_fetch(visit) for visit in found.rows], next_cursor=next_cursor(found, "id"))


@router.get("/{int:pk}/reasons", response=list[ReasonShape], auth=may_look, operation_id="list_reasons")
def reasons(request: HttpRequest, pk: Id) -> list[ReasonShape]:
    """Why addresses of a run were not stored, the commonest first."""
    rows = reasons_of(row_of(all_runs(), pk))
    return [
        ReasonShape(
            outcome=row.outcome.label, reason=row.reason, words=reason_words(row.reason), count=row.count
        )
        for row in rows
    ]


@router.post("/{int:pk}/leave-out", response=LeftOut, auth=may_change_seeds, operation_id="leave_out_of_run")
def leave_out(request: HttpRequest, pk: Id, wanted: LeaveOut) -> LeftOut:
    """Leave addresses out of a run that goes, and out of its seed; or see what that would skip."""
    run = row_of(all_runs(), pk)
    try:
        seen = leaving_out.preview(run, wanted.pattern)
        if wanted.preview:
            return LeftOut(waiting=seen.count, detail=seen.sentence)
        sentence = leaving_out.leave_out(run, wanted.pattern, timezone.now(), user_of(request), "api")
    except leaving_out.Refused as error:
        raise field_refused("pattern", str(error)) from error
    return LeftOut(waiting=seen.count, detail=sentence)


@router.post("/{int:pk}/{action}", response=Steered, auth=may_steer_runs, operation_id="steer_run")
def steer(request: HttpRequest, pk: Id, action: Action) -> Steered:
    """Stop, pause or resume a run; 409 if its state does not allow it."""
    run = row_of(all_runs(), pk)
    changed = runs.steer(run, action, timezone.now())
    sentence = runs.steered(action, changed)
    if not changed:
        raise Problem(409, sentence)
    return Steered(changed=changed, detail=sentence, run=RunShape.of(row_of(all_runs(), pk)))


def _fetch(visit: Visit) -> FetchShape:
    return FetchShape(
        id=visit.pk,
        url=visit.url,
        outcome=None if visit.outcome is None else Outcome(visit.outcome).label,
        reason=visit.reason,
        words=reason_words(visit.reason),
        status=visit.status,
        fetched_at=visit.fetched_at,
        page=visit.page_id,
    )
