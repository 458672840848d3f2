"""Seeds: the list, one of them, and its buttons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router
from ninja.responses import Status
from ninja.schema import Schema
from pydantic import Field, RootModel

from catalog.models import Run, Seed
from crawler.seeds import lines
from djsite.api import seed_definitions
from djsite.api.callers import may_change_seeds, may_look, may_start_runs, user_of
from djsite.api.nouns.recrawl import Recrawled, begun
from djsite.api.nouns.runs import RunShape
from djsite.api.paging import Id, Listed, Parts, cut_part, next_cursor
from djsite.api.problems import Problem
from djsite.api.rows import alive_seed, row_of
from djsite.api.shapes import RowShape
from djsite.desk import recrawls, runs, schedules, seeds
from djsite.desk.read.records import collections_of
from djsite.desk.read.runs import all_runs
from djsite.desk.read.seeds import last_runs, list_seeds
from djsite.desk.seed_files.rows import definition_of
from djsite.desk.seeding import deleting
from djsite.desk.seeding.edits import Author

router = Router()


class LastRun(RowShape):
    """The newest run of a seed."""

    id: int
    state: str
    created_at: datetime


class SeedShape(RowShape):
    """What somebody wants crawled."""

    id: int
    name: str
    enabled: bool
    tags: list[str]
    start_urls: list[str]
    schedule: str = Field(description="When it runs, in words.")
    next_run_at: datetime | None
    last_run: LastRun | None
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def listed(seeds: Sequence[Seed]) -> list[SeedShape]:
        """Seeds as lists have them."""
        runs = last_runs(seeds, 1)
        return [SeedShape._of(seed, next(iter(runs[seed.pk]), None)) for seed in seeds]

    @staticmethod
    def of(seed: Seed) -> SeedShape:
        """One seed."""
        return SeedShape.listed([seed])[0]

    @staticmethod
    def _of(seed: Seed, run: Run | None) -> SeedShape:
        return SeedShape.of_row(
            seed,
            last_run=run and LastRun.of_row(run),
            start_urls=lines(seed.start_urls),
            schedule=schedules.describe(seed),
            next_run_at=seed.next_slot if seed.enabled else None,
        )


class SeedList(Listed):
    """Seeds by name."""

    items: list[SeedShape]


class SeedFilter(Schema):
    """Which seeds are wanted."""

    text: str = Field("", max_length=200, description="In name or address.")
    state: Literal["", "on", "off"] = Field("", description="Of the schedule.")
    tag: str = Field("", max_length=100)


class Definition(RootModel[dict[str, Any]]):
    """Settings of a seed by their names: docs/seeds.schema.json has all of them."""


class RunAsked(Schema):
    """The run, and what came of asking for it."""

    run: RunShape
    detail: str


@router.get("", response=SeedList, auth=may_look, operation_id="list_seeds")
def list_of(request: HttpRequest, wanted: Annotated[SeedFilter, Query()], part: Parts) -> SeedList:
    """All seeds by name."""
    found = cut_part(list_seeds(wanted.text, wanted.state, tag=wanted.tag), part, order="name")
    return SeedList(items=SeedShape.listed(found.rows), next_cursor=next_cursor(found, "name"))


@router.get("/{int:pk}", response=SeedShape, auth=may_look, operation_id="get_seed")
def one(request: HttpRequest, pk: Id) -> SeedShape:
    """One seed."""
    return SeedShape.of(alive_seed(pk))


@router.get("/{int:pk}/definition", response=dict[str, Any], auth=may_look, operation_id="get_definition")
def definition(request: HttpRequest, pk: Id) -> dict[str, Any]:
    """What is said of a seed, as a file of seeds has it: what is not said is as usual."""
    return definition_of(alive_seed(pk))


@router.post("", response={201: SeedShape}, auth=may_change_seeds, operation_id="make_seed")
def make(request: HttpRequest, definition: Definition) -> Status[SeedShape]:
    """Make a seed. The body is a seed as a file of seeds has it (docs/seeds.schema.json)."""
    seed = seed_definitions.make(definition.model_dump(), timezone.now(), user_of(request))
    return Status(201, SeedShape.of(seed))


@router.patch("/{int:pk}", response=SeedShape, auth=may_change_seeds, operation_id="change_seed")
def change(request: HttpRequest, pk: Id, definition: Definition) -> SeedShape:
    """Change the settings that the body has; a list is replaced whole."""
    seed = alive_seed(pk)
    seed_definitions.change(seed, definition.model_dump(), timezone.now(), user_of(request))
    return SeedShape.of(alive_seed(seed.pk))


@router.get("/{int:pk}/collections", response=list[str], auth=may_look, operation_id="list_collections")
def collections(request: HttpRequest, pk: Id) -> list[str]:
    """The kinds of records that a seed has."""
    return collections_of(alive_seed(pk))


@router.delete("/{int:pk}", response={204: None}, auth=may_change_seeds, operation_id="delete_seed")
def delete(request: HttpRequest, pk: Id) -> HttpResponse:
    """Delete a seed; its runs are stopped."""
    seeds.delete([alive_seed(pk)], timezone.now(), user_of(request), "api")
    return HttpResponse(status=204)


@router.post("/{int:pk}/run", response={202: RunAsked}, auth=may_start_runs, operation_id="run_seed")
def run(request: HttpRequest, pk: Id) -> Status[RunAsked]:
    """Crawl a seed now, by its overlap rule."""
    asked = runs.run_now(alive_seed(pk), timezone.now())
    shape = RunShape.of(row_of(all_runs(), asked.run.pk))
    return Status(202, RunAsked(run=shape, detail=asked.sentence))


@router.post("/{int:pk}/recrawl", response={202: Recrawled}, auth=may_start_runs, operation_id="recrawl_seed")
def recrawl(request: HttpRequest, pk: Id) -> Status[Recrawled]:
    """Fetch all pages of a seed again now, without looking for new ones."""
    return begun(recrawls.recrawl_seed(alive_seed(pk), timezone.now()))


@router.post("/{int:pk}/enable", response=SeedShape, auth=may_change_seeds, operation_id="enable_seed")
def enable(request: HttpRequest, pk: Id) -> SeedShape:
    """Switch its schedule on."""
    return _switch(request, pk, True)


@router.post("/{int:pk}/pause", response=SeedShape, auth=may_change_seeds, operation_id="pause_seed")
def pause(request: HttpRequest, pk: Id) -> SeedShape:
    """Switch its schedule off: nothing is due any more."""
    return _switch(request, pk, False)


@router.post("/{int:pk}/mute", response=SeedShape, auth=may_change_seeds, operation_id="mute_seed")
def mute(request: HttpRequest, pk: Id) -> SeedShape:
    """Have nothing say for a week what is wrong with a seed."""
    return _mute(request, pk, 7)


@router.post("/{int:pk}/unmute", response=SeedShape, auth=may_change_seeds, operation_id="unmute_seed")
def unmute(request: HttpRequest, pk: Id) -> SeedShape:
    """Have it said again."""
    return _mute(request, pk, 0)


def _mute(request: HttpRequest, pk: int, days: int) -> SeedShape:
    seed = alive_seed(pk)
    seeds.mute(seed, days, timezone.now(), user_of(request))
    return SeedShape.of(seed)


@router.get("/deleted", response=SeedList, auth=may_change_seeds, operation_id="list_deleted_seeds")
def list_deleted(request: HttpRequest, part: Parts) -> SeedList:
    """The seeds that can be brought back."""
    found = cut_part(deleting.deleted(), part)
    return SeedList(items=SeedShape.listed(found.rows), next_cursor=next_cursor(found))


@router.post("/{int:pk}/back", response=SeedShape, auth=may_change_seeds, operation_id="bring_seed_back")
def bring_back(request: HttpRequest, pk: Id) -> SeedShape:
    """Undo a deletion, within a day; its pages and records are back with it."""
    seed = deleting.bring_back(pk, timezone.now(), Author(user_of(request), "api"))
    if seed is None:
        raise Problem(404, "It cannot be brought back: its day is over, or it is there already.")
    return SeedShape.of(seed)


def _switch(request: HttpRequest, pk: int, enabled: bool) -> SeedShape:
    seeds.switch([alive_seed(pk)], enabled, user_of(request), "api")
    return SeedShape.of(alive_seed(pk))
