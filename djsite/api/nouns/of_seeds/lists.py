"""Many seeds at once: as a file of seeds (docs/seeds.schema.json), or of a list of addresses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router
from ninja.schema import Schema
from pydantic import Field

from crawler.policy import Scope
from crawler.seeds.address_lists.checked import AddressList, read_addresses
from crawler.seeds.files.reading import FileProblem, read_seeds
from crawler.seeds.files.yaml_text import MAX_CHARACTERS
from djsite.api.callers import may_change_seeds, may_look, user_of
from djsite.api.problems import FieldProblem, field_refused, refused
from djsite.desk.seed_files import addresses
from djsite.desk.seed_files.planning import Plan, bring_in, plan
from djsite.desk.seed_files.rows import kept_seeds, text_of
from djsite.desk.seed_files.words import plan_lines, summary

router = Router()
YAML = "application/yaml"  # RFC 9512
Tag = Annotated[str, Field(max_length=50)]


class FileWanted(Schema):
    """Which seeds; without a name or a tag, all."""

    name: list[str] = Field([], max_length=1000)
    tag: str = Field("", max_length=100)


class SeedFile(Schema, extra="forbid"):
    """A file of seeds, and whether it is only looked at."""

    text: str = Field(max_length=MAX_CHARACTERS, description="YAML, or JSON.")
    prune: bool = Field(False, description="Delete the seeds that the file does not name.")
    preview: bool = Field(False, description="Only say what would be done.")


class Planned(Schema):
    """What was done, or would be."""

    lines: list[str] = Field(description="A group or seed a line, what changes of it below.")
    summary: str
    changes: int = Field(description="Seeds and groups that are new, changed or deleted.")


class AddressesWanted(Schema, extra="forbid"):
    """Addresses, of which those that no seed begins with become one seed, or a seed each."""

    urls: list[str] = Field(min_length=1, max_length=50_000)
    name: str = Field("", max_length=200)
    each: bool = False
    scope: Scope = Scope.PAGE
    every: int | None = Field(None, ge=1, le=2**31 - 1, description="Seconds; without it, by hand.")
    tags: list[Tag] = Field([], max_length=20)
    preview: bool = Field(False, description="Only count.")


class SortedAddresses(Schema):
    """How many are new and known, and the names of the seeds that were made."""

    new: int
    known: int
    seeds: list[str]


@router.get(
    "/file",
    auth=may_look,
    operation_id="get_seed_file",
    openapi_extra={"responses": {200: {"content": {YAML: {"schema": {"type": "object"}}}}}},
)
def file(request: HttpRequest, wanted: Annotated[FileWanted, Query()]) -> HttpResponse:
    """Seeds as a file; the values of secret headers are left out."""
    seeds = {seed.name: seed for seed in kept_seeds()}
    if missing := [name for name in wanted.name if name not in seeds]:
        raise field_refused("name", f"name: there is no seed “{missing[0]}”.")
    chosen = [seeds[name] for name in wanted.name] or list(seeds.values())
    chosen = [seed for seed in chosen if not wanted.tag or wanted.tag in seed.tags]
    return HttpResponse(text_of(chosen), content_type=YAML, headers={"Seeds": str(len(chosen))})


@router.post("/file", response=Planned, auth=may_change_seeds, operation_id="bring_in_seed_file")
def bring_in_file(request: HttpRequest, wanted: SeedFile) -> Planned:
    """Make and change seeds, by name, as a file says; all of it or nothing."""
    written, problems = read_seeds(wanted.text)
    if problems:
        raise _refused(problems)
    if wanted.preview:
        planned = plan(written, prune=wanted.prune)
    else:
        user = user_of(request)
        planned = bring_in(written, timezone.now(), prune=wanted.prune, user=user, means="api")
    if planned.problems:
        raise _refused(planned.problems)
    return _planned(planned, would=wanted.preview)


def _planned(planned: Plan, *, would: bool) -> Planned:
    lines = list(plan_lines(planned))
    return Planned(lines=lines, summary=summary(planned, would=would), changes=planned.does)


def _refused(problems: list[FileProblem]) -> Exception:
    return refused(FieldProblem("text", str(problem)) for problem in problems)


def _listed(urls: Sequence[str]) -> AddressList:
    """The addresses, checked. Raises Problem for those that are none."""
    try:
        listed = read_addresses("".join(f"{url}\n" for url in urls).encode(), "addresses.txt")
    except ValueError as error:
        raise field_refused("urls", f"urls: {error}") from error
    if listed.wrong:
        raise refused(FieldProblem("urls", f"urls: {wrong.why}") for wrong in listed.wrong)
    return listed


@router.post("/addresses", response=SortedAddresses, auth=may_change_seeds, operation_id="add_addresses")
def add(request: HttpRequest, wanted: AddressesWanted) -> SortedAddresses:
    """Make a seed of addresses, or a seed of each; those that a seed begins with are left out."""
    parted = addresses.sort(_listed(wanted.urls))
    names: list[str] = []
    if not wanted.preview:
        wish = addresses.Wish(wanted.name, wanted.each, wanted.scope, wanted.every, tuple(wanted.tags))
        try:
            made = addresses.make(parted.new, wish, timezone.now(), user_of(request))
        except ValueError as error:
            raise field_refused("urls", str(error)) from error
        names = [seed.name for seed in made]
    return SortedAddresses(new=len(parted.new), known=len(parted.known), seeds=names)
