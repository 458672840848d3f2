"""Pages: addresses over time, their versions, and what was read of one."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import Query, Router
from ninja.responses import Status
from ninja.schema import Schema
from pydantic import Field

from catalog.models import Page, Snapshot
from djsite.api.callers import may_download, may_look, may_start_runs
from djsite.api.nouns.recrawl import Recrawled, begun
from djsite.api.paging import Id, Listed, Parts, cut_part, next_cursor
from djsite.api.problems import Problem
from djsite.api.rows import optional_seed, row_of
from djsite.api.shapes import RowShape
from djsite.desk import recrawls
from djsite.desk.pages.listing import PageList
from djsite.desk.read.history import fields_of, records_of, versions_of
from djsite.desk.read.pages import BodyMissing, body_name, body_of, keys_at, whole_pages, whole_versions

router = Router()
Order = Literal["-last_changed_at", "last_changed_at", "-last_fetched_at", "last_fetched_at"]


class PageShape(RowShape):
    """An address of a seed, over all its runs."""

    id: int
    seed: int
    url: str
    title: str
    status: int | None
    content_type: str
    size: int | None
    versions: int = Field(description="That it had; fewer may be kept.")
    first_stored_at: datetime
    last_fetched_at: datetime
    last_changed_at: datetime
    gone_at: datetime | None
    latest: int | None = Field(description="The number of its newest version.")

    @staticmethod
    def of(page: Page) -> PageShape:
        """A page, which has its latest version."""
        latest = page.latest
        return PageShape.of_row(
            page,
            seed=page.seed_id,
            url=page.url,
            title=latest.title if latest else "",
            status=latest.status if latest else None,
            content_type=latest.content_type if latest else "",
            size=latest.size if latest else None,
            latest=page.latest_id,
        )


class PagePart(Listed):
    """Pages in the order that was asked for."""

    items: list[PageShape]


class PageFilter(Schema):
    """Which pages are wanted."""

    seed: Id | None = None
    url: str = Field("", max_length=2000, description="A whole address.")
    text: str = Field("", max_length=200, description="In address or title; a whole address: that page.")
    happened: Literal["", "new", "changed", "unchanged", "unseen"] = Field(
        "", description="new: stored for the first time; unseen: not fetched."
    )
    since: Literal[1, 24, 168, 720] | None = Field(None, description="Hours in which it happened.")
    changed_since: datetime | None = None
    sort: Order = "-last_changed_at"

    def asked(self) -> PageList:
        """The list of the site that it asks for."""
        return PageList(self.seed, self.text, self.happened, self.since, self.sort)


class VersionShape(RowShape):
    """A stored version of a page."""

    id: int
    page: int
    run: int | None
    url: str = Field(description="The address that was asked.")
    fetched_at: datetime
    status: int
    content_type: str
    size: int
    digest: str
    title: str

    @staticmethod
    def of(version: Snapshot) -> VersionShape:
        """A version without its text."""
        return VersionShape.of_row(
            version,
            page=version.page_id,
            run=version.run_id,
            url=version.final_url,
        )


class VersionList(Listed):
    """Versions, newest first."""

    items: list[VersionShape]


class WholeVersion(VersionShape):
    """A version with all that was read of it."""

    text: str
    links: list[str]
    fields: dict[str, Any]
    records: dict[str, list[dict[str, Any]]]


@router.get("", response=PagePart, auth=may_look, operation_id="list_pages")
def list_of(request: HttpRequest, wanted: Annotated[PageFilter, Query()], part: Parts) -> PagePart:
    """Pages of all seeds or of one."""
    optional_seed(wanted.seed)
    rows, search, _ = wanted.asked().found(timezone.now())
    if wanted.url:
        rows = rows.filter(pk__in=keys_at(wanted.url, wanted.seed))
    if wanted.changed_since:
        rows = rows.filter(last_changed_at__gte=_aware(wanted.changed_since))
    found = cut_part(rows, part, order=wanted.sort, search=search)
    items = [PageShape.of(page) for page in found.rows]
    return PagePart(items=items, next_cursor=next_cursor(found, wanted.sort))


def _aware(moment: datetime) -> datetime:
    """A time without a zone is one of UTC."""
    return moment if moment.tzinfo else timezone.make_aware(moment, timezone.get_default_timezone())


@router.get("/{int:pk}", response=PageShape, auth=may_look, operation_id="get_page")
def one(request: HttpRequest, pk: Id) -> PageShape:
    """One page."""
    return PageShape.of(row_of(whole_pages(), pk))


@router.get("/{int:pk}/versions", response=VersionList, auth=may_look, operation_id="list_versions")
def versions(request: HttpRequest, pk: Id, part: Parts) -> VersionList:
    """The stored versions of a page, newest first."""
    found = cut_part(versions_of(row_of(whole_pages(), pk)), part)
    return VersionList(items=[VersionShape.of(row) for row in found.rows], next_cursor=next_cursor(found))


@router.get("/versions/{int:pk}", response=WholeVersion, auth=may_look, operation_id="get_version")
def version(request: HttpRequest, pk: Id) -> WholeVersion:
    """One version with its text, links and values."""
    row = row_of(whole_versions(), pk)
    return WholeVersion(
        **VersionShape.of(row).dict(),
        text=row.text,
        links=[link.url for link in row.outlinks],
        fields=fields_of(row),
        records=records_of(row),
    )


@router.get(
    "/versions/{int:pk}/body",
    auth=may_download,
    operation_id="get_body",
    openapi_extra={"responses": {200: {"content": {"application/octet-stream": {}}}}},
)
def body(request: HttpRequest, pk: Id) -> HttpResponseBase:
    """The body as it was answered, to be saved: nothing of it is to be run or shown."""
    try:
        version = row_of(whole_versions(), pk)
        content = body_of(version)
    except BodyMissing as error:
        raise Problem(404, f"{error}.") from error
    headers = {"Content-Security-Policy": "sandbox; default-src 'none'"}
    return FileResponse(
        io.BytesIO(content),
        as_attachment=True,
        filename=body_name(version),
        content_type="application/octet-stream",
        headers=headers,
    )


@router.post("/{int:pk}/recrawl", response={202: Recrawled}, auth=may_start_runs, operation_id="recrawl_page")
def recrawl(request: HttpRequest, pk: Id) -> Status[Recrawled]:
    """Fetch a page again now."""
    return begun(recrawls.recrawl_page(row_of(whole_pages(), pk), timezone.now()))
