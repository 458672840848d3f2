"""Changes: every page and record that is new, changed or gone since a cursor, in the order of commits."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router
from ninja.schema import Schema
from pydantic import Field

from djsite.api.callers import may_look
from djsite.api.paging import MOST, Id
from djsite.api.problems import field_refused
from djsite.api.rows import optional_seed
from djsite.desk.read.changes import START, Change, Cursor, read_part

router = Router()


class ChangeShape(Schema):
    """One line of the feed. A row that changes while the feed is read comes again."""

    cursor: str
    kind: Literal["new", "changed", "gone"]
    of: Literal["record", "page"]
    seed: str
    collection: str | None
    key: list[str]
    url: str
    values: dict[str, Any] = Field(description="Of what is gone: the last.")
    old: dict[str, Any] = Field(description="What its changed fields were.")
    at: datetime

    @staticmethod
    def of_change(change: Change) -> ChangeShape:
        """A change of the feed."""
        return ChangeShape(**{name: getattr(change, name) for name in change.__struct_fields__})


class ChangeList(Schema):
    """A part of the feed."""

    items: list[ChangeShape]
    next_cursor: str = Field(description="Give it next time: nothing is lost and nothing is skipped.")
    more: bool = Field(
        description="Whether there may be more already, also if this part has few lines or none:"
        " it ends where very many changes were of other seeds."
    )


class ChangeFilter(Schema):
    """From where on the feed is wanted."""

    cursor: str = Field("", max_length=100, description="Without it, all that there is.")
    seed: Id | None = None
    limit: int = Field(100, ge=1, le=MOST)


@router.get("", response=ChangeList, auth=may_look, operation_id="list_changes")
def list_of(request: HttpRequest, wanted: Annotated[ChangeFilter, Query()]) -> ChangeList:
    """What has changed since a cursor: each page and record with its latest state, deletions too."""
    seed = optional_seed(wanted.seed)
    try:
        since = Cursor.parse(wanted.cursor) if wanted.cursor else START
        part = read_part(since, seed, wanted.limit)
    except ValueError as error:
        raise field_refused("cursor", str(error)) from error
    items = [ChangeShape.of_change(change) for change in part.changes]
    return ChangeList(items=items, next_cursor=str(part.cursor), more=part.more)
