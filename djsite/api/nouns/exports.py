"""Exports: files that are made in the background, and are fetched when they are ready."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import Router
from ninja.responses import Status
from ninja.schema import Schema
from pydantic import AwareDatetime, Field

from catalog.formats import FORMATS
from catalog.kinds import problem_with
from catalog.models import Export, Run, Seed
from djsite.api.callers import may_download, may_look, user_of
from djsite.api.paging import Id, Listed, Parts, cut_part, next_cursor
from djsite.api.problems import FieldProblem, Problem, field_refused
from djsite.api.rows import optional_seed, row_of
from djsite.api.shapes import RowShape
from djsite.desk import exports
from djsite.desk.promises.holds import holds_on
from djsite.desk.read.exports import list_exports
from djsite.desk.read.runs import all_runs
from djsite.desk.sending.files import send_file
from djsite.desk.sending.names import name_of_export

router = Router()
Kind = Literal["records", "versions", "changes", "pages", "raw"]
_OCTETS = "application/octet-stream"
_BYTES = {"description": "The file, or the range.", "content": {_OCTETS: {"schema": {"format": "binary"}}}}
_OF_A_RANGE = [
    {"in": "header", "name": "Range", "schema": {"type": "string"}, "description": "As in “bytes=1000-”."},
    {"in": "header", "name": "If-Range", "schema": {"type": "string"}, "description": "The ETag."},
]


class ExportShape(RowShape):
    """A file that somebody asked for."""

    id: int
    kind: str
    format: str
    compression: str = Field(description="gz, zst, or empty.")
    seed: int | None
    run: int | None
    as_of: datetime | None
    state: str = Field(description="waiting, done or failed.")
    rows: int
    error: str
    created_at: datetime
    finished_at: datetime | None

    @staticmethod
    def of(export: Export) -> ExportShape:
        """A file and how far it is."""
        return ExportShape.of_row(
            export,
            kind=export.kind,
            seed=export.seed_id,
            run=export.run_id,
            state=export.state,
        )


class ExportList(Listed):
    """Files, newest first."""

    items: list[ExportShape]


class Wanted(Schema, extra="forbid"):
    """What a file is to hold; without seed and run, all seeds."""

    kind: Kind
    format: str = Field("jsonl", max_length=10)
    compression: Literal["", "gz", "zst"] = Field("", description="Of text formats only.")
    seed: Id | None = None
    run: Id | None = None
    every_outcome: bool = Field(
        False, description="Of pages: also addresses that failed, were skipped or redirected."
    )
    as_of: AwareDatetime | None = None
    although_held: bool = Field(False, description="Although a promise about the data is broken.")


@router.get("", response=ExportList, auth=may_look, operation_id="list_exports")
def list_of(request: HttpRequest, part: Parts) -> ExportList:
    """Files that were asked for, newest first."""
    found = cut_part(list_exports(), part)
    return ExportList(items=[ExportShape.of(row) for row in found.rows], next_cursor=next_cursor(found))


@router.get("/{int:pk}", response=ExportShape, auth=may_look, operation_id="get_export")
def one(request: HttpRequest, pk: Id) -> ExportShape:
    """A file and how far it is."""
    return ExportShape.of(row_of(list_exports(), pk))


@router.post("", response={202: ExportShape}, auth=may_download, operation_id="make_export")
def make(request: HttpRequest, wanted: Wanted) -> Status[ExportShape]:
    """Have a file made; 409 if a broken promise holds it."""
    seed, run = optional_seed(wanted.seed), _run(wanted.run)
    _check(wanted, seed, run)
    export = Export(
        kind=wanted.kind,
        format=wanted.format,
        compression=wanted.compression,
        seed=seed,
        run=run,
        every_outcome=wanted.every_outcome,
        as_of=wanted.as_of,
    )
    exports.ask(export, user_of(request))
    return Status(202, ExportShape.of(export))


@router.get(
    "/{int:pk}/file",
    auth=may_download,
    operation_id="get_export_file",
    openapi_extra={"parameters": _OF_A_RANGE, "responses": {200: _BYTES, 206: _BYTES}},
)
def file(request: HttpRequest, pk: Id) -> HttpResponseBase:
    """A file that is ready, or a range of it; 409 while it is being made."""
    export = row_of(list_exports(), pk)
    if export.state != Export.State.DONE:
        waits = {"Retry-After": "5"} if export.state == Export.State.WAITING else {}
        raise Problem(409, f"The file is not ready: {export.error or export.state}.", headers=waits)
    try:
        content = exports.open_file(export)
    except OSError as error:
        raise Problem(404, "The file is not in the archive any more.") from error
    return send_file(request, content, content.size, name=name_of_export(export), media_type=_OCTETS)


@router.get("/{int:pk}/manifest", response=dict[str, Any], auth=may_download, operation_id="get_manifest")
def manifest(request: HttpRequest, pk: Id) -> dict[str, Any]:
    """What a file that is ready holds: columns with their types, rows, checksum."""
    export = row_of(list_exports(), pk)
    if export.state != Export.State.DONE:
        raise Problem(409, f"The file is not ready: {export.error or export.state}.")
    return dict(export.manifest)


@router.delete("/{int:pk}", response={204: None}, auth=may_download, operation_id="delete_export")
def delete(request: HttpRequest, pk: Id) -> HttpResponse:
    """Delete a file, or give it up; only who asked for it, and operators."""
    export, user = row_of(list_exports(), pk), user_of(request)
    if not exports.may_delete(user, export):
        raise Problem(403, "The file was asked for by somebody else.")
    exports.delete(export)
    return HttpResponse(status=204)


def _run(pk: int | None) -> Run | None:
    run = None if pk is None else all_runs().filter(pk=pk).first()
    if pk is not None and run is None:
        raise field_refused("run", f"run {pk} is none: GET /api/runs lists them.")
    return run


def _check(wanted: Wanted, seed: Seed | None, run: Run | None) -> None:
    """Raise Problem for what does not go together, and for what is held."""
    if wanted.format not in FORMATS:
        raise field_refused("format", f"format must be one of {', '.join(FORMATS)}.")
    problem = problem_with(
        wanted.kind,
        wanted.format,
        wanted.compression,
        of_run=run is not None,
        as_of=wanted.as_of is not None,
        every_outcome=wanted.every_outcome,
    )
    if problem is not None:
        raise field_refused(problem.part, problem.sentence)
    if wanted.as_of and wanted.as_of > timezone.now():
        raise field_refused("as_of", "as_of is still to come; leave it out for how things are now.")
    holds = [] if wanted.as_of or wanted.although_held else holds_on(seed, run)
    if holds:
        sentences = " ".join(hold.sentence for hold in holds)
        advice = f"{sentences} To have the file made, send although_held: true."
        raise Problem(409, advice, [FieldProblem("although_held", sentences)])
