"""Known failures: those of a run that somebody accepts, until the address answers or fails otherwise."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from ninja.responses import Status
from ninja.schema import Schema
from pydantic import Field

from catalog.models import KnownFailure, Seed
from djsite.api.callers import may_change_seeds, may_look, user_of
from djsite.api.paging import Id, Listed, Parts, cut_part, next_cursor
from djsite.api.problems import Problem, field_refused
from djsite.api.rows import named_seed, row_of
from djsite.desk.known.accepting import MOST, accept, failures_of, take_back
from djsite.desk.known.showing import known_of_seed
from djsite.desk.read.runs import all_runs
from djsite.desk.seeding.edits import Author
from djsite.desk.words import reason_words

router = Router()


class KnownFailureShape(Schema):
    """An address that may fail for a reason: it colours no run."""

    id: int
    seed: int
    url: str
    reason: str
    words: str
    person: str | None
    at: datetime
    ended_at: datetime | None
    ending: str = Field(description="Why it is over: answered, other or back; empty while it is in force.")

    @staticmethod
    def of(known: KnownFailure) -> KnownFailureShape:
        """A row, which has its person."""
        return KnownFailureShape(
            id=known.pk,
            seed=known.seed_id,
            url=known.url,
            reason=known.reason,
            words=reason_words(known.reason),
            person=known.person.get_username() if known.person else None,
            at=known.at,
            ended_at=known.ended_at,
            ending=known.ending,
        )


class KnownFailureList(Listed):
    """Known failures, newest first."""

    items: list[KnownFailureShape]


class KnownFailureFilter(Schema):
    """Of which seed, and whether only those in force."""

    seed: Id
    in_force: bool = True


class Failures(Schema, extra="forbid"):
    """The failures of a run that are accepted: all, those for a reason, or these addresses of the run."""

    run: Id
    reason: str = Field("", max_length=40)
    ids: list[Id] = Field(
        default_factory=list, max_length=MOST, description="As “list_pages_of_run” has them."
    )


class Accepted(Schema):
    """How many failures are newly accepted."""

    accepted: int


@router.get("", response=KnownFailureList, auth=may_look, operation_id="list_known_failures")
def list_of(
    request: HttpRequest, wanted: Annotated[KnownFailureFilter, Query()], part: Parts
) -> KnownFailureList:
    """The failures of a seed that somebody accepted, newest first."""
    known = known_of_seed(named_seed(wanted.seed).pk)
    found = cut_part(known.in_force() if wanted.in_force else known, part)
    return KnownFailureList(
        items=[KnownFailureShape.of(row) for row in found.rows], next_cursor=next_cursor(found)
    )


@router.post("", response={201: Accepted}, auth=may_change_seeds, operation_id="accept_failures")
def accept_failures(request: HttpRequest, wanted: Failures) -> Status[Accepted]:
    """Accept failures of a run; 409 if there is nothing to accept."""
    run = all_runs().filter(pk=wanted.run).first()
    if run is None:
        raise field_refused("run", f"run {wanted.run} is none: GET /api/runs lists them.")
    failures = failures_of(run, wanted.reason)
    if wanted.ids:
        failures = failures.filter(pk__in=wanted.ids)
    count = accept(run, failures, timezone.now(), Author(user_of(request), "api"))
    if not count:
        raise Problem(409, "Nothing to accept: these are accepted, did not fail, or are no longer kept.")
    return Status(201, Accepted(accepted=count))


@router.delete(
    "/{int:pk}", response=KnownFailureShape, auth=may_change_seeds, operation_id="take_back_known_failure"
)
def back(request: HttpRequest, pk: Id) -> KnownFailureShape:
    """Let a failure count again; 409 if it is over already."""
    rows = KnownFailure.objects.filter(seed__in=Seed.objects.alive()).select_related("seed", "person")
    known = row_of(rows, pk)
    author = Author(user_of(request), "api")
    if not take_back(KnownFailure.objects.filter(pk=pk), known.seed, timezone.now(), author):
        raise Problem(409, "It is over already.")
    return KnownFailureShape.of(row_of(rows, pk))
