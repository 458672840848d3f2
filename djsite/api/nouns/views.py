"""Views: lists of changes that are kept under a name, each with an Atom feed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router
from ninja.responses import Status
from ninja.schema import Schema
from pydantic import Field

from catalog.models import KeptView
from djsite.api.callers import may_download, may_look, user_of
from djsite.api.paging import Id, Listed, Parts, cut_part, next_cursor
from djsite.api.problems import Problem
from djsite.api.rows import row_of
from djsite.api.shapes import RowShape
from djsite.desk.events import kept

router = Router()


class ViewShape(RowShape):
    """A list that somebody keeps."""

    id: int
    name: str
    query: str = Field(description="Its filters, as the address of the list has them.")
    feed: str = Field(description="The Atom feed: whoever has this address reads it without a token.")
    owner: str | None


class ViewList(Listed):
    """Views, newest first."""

    items: list[ViewShape]


class NewView(Schema, extra="forbid"):
    """A list to be kept."""

    name: str = Field(min_length=1, max_length=100)
    query: str = Field("", max_length=2000)


class Renamed(Schema, extra="forbid"):
    """Another name."""

    name: str = Field(min_length=1, max_length=100)


@router.get("", response=ViewList, auth=may_look, operation_id="list_views")
def list_of(request: HttpRequest, part: Parts) -> ViewList:
    """The views that people keep, newest first."""
    found = cut_part(kept.kept_views(), part)
    return ViewList(items=[_shape(request, row) for row in found.rows], next_cursor=next_cursor(found))


@router.post("", response={201: ViewShape}, auth=may_download, operation_id="keep_view")
def keep(request: HttpRequest, wanted: NewView) -> Status[ViewShape]:
    """Keep a list under a name."""
    try:
        view = kept.keep(user_of(request), wanted.name, wanted.query)
    except kept.Refused as error:
        raise Problem(409, str(error)) from error
    return Status(201, _shape(request, view))


@router.patch("/{int:pk}", response=ViewShape, auth=may_download, operation_id="rename_view")
def rename(request: HttpRequest, pk: Id, wanted: Renamed) -> ViewShape:
    """Give a view another name."""
    view = row_of(kept.kept_views(), pk)
    kept.rename(user_of(request), view, wanted.name)
    return _shape(request, view)


@router.post("/{int:pk}/renew", response=ViewShape, auth=may_download, operation_id="renew_feed")
def renew(request: HttpRequest, pk: Id) -> ViewShape:
    """Give its feed another address; the old one is nothing from now on."""
    view = row_of(kept.kept_views(), pk)
    kept.renew_token(user_of(request), view)
    return _shape(request, view)


@router.delete("/{int:pk}", response={204: None}, auth=may_download, operation_id="delete_view")
def delete(request: HttpRequest, pk: Id) -> HttpResponse:
    """Delete a view and its feed; 409 while alerts use it."""
    try:
        kept.delete(user_of(request), row_of(kept.kept_views(), pk))
    except kept.Refused as error:
        raise Problem(409, str(error)) from error
    return HttpResponse(status=204)


def _shape(request: HttpRequest, view: KeptView) -> ViewShape:
    owner = view.owner
    return ViewShape.of_row(
        view,
        feed=request.build_absolute_uri(reverse("feed", args=[view.token])),
        owner=owner.get_username() if owner else None,
    )
