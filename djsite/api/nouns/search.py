"""Search: which pages have words in their title or text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from ninja.schema import Schema
from pydantic import Field

from djsite.api.callers import may_look
from djsite.api.paging import Id, Listed, bad_cursor
from djsite.api.problems import field_refused
from djsite.api.rows import optional_seed
from djsite.desk.search.searching import (
    Asked,
    Hit,
    Piece,
    Progress,
    Ranked,
    progress,
    read_conditions,
    search,
)

router = Router()
MOST = 100  # pages of an answer: the text of each is read


class Wanted(Schema):
    """What is looked for, and which part of what is found."""

    text: str = Field(
        min_length=1,
        max_length=500,
        description="Words, “words together” in quotes, -without, begin*.",
    )
    seed: Id | None = None
    tag: str = Field("", max_length=100)
    host: str = Field("", max_length=300, description="A name, or with scheme and port.")
    changed_since: str = Field("", max_length=40, description="24h, 7d, or a date such as 2026-11-20.")
    there: bool = Field(False, description="Only pages that are not gone.")
    where: list[str] = Field([], description="Conditions on the page's records, such as price.lt=20.")
    limit: int = Field(20, ge=1, le=MOST, description="Pages in an answer, at most.")
    cursor: str = Field("", max_length=60, description="“next_cursor” of the answer before.")


class Part(Schema):
    """A part of a text."""

    text: str
    matched: bool = Field(description="Whether it is what was looked for.")


class HitShape(Schema):
    """A page, and where the words are."""

    page: int
    seed: int
    url: str
    title: list[Part]
    snippet: list[Part]
    last_fetched_at: datetime
    last_changed_at: datetime
    gone_at: datetime | None

    @staticmethod
    def of(hit: Hit) -> HitShape:
        """A page that was found."""
        return HitShape(
            page=hit.page.pk,
            seed=hit.page.seed_id,
            title=_parts(hit.title),
            snippet=_parts(hit.snippet),
            **{name: getattr(hit.page, name) for name in _SAME},
        )


_SAME = ("url", "last_fetched_at", "last_changed_at", "gone_at")


def _parts(pieces: Iterable[Piece]) -> list[Part]:
    return [Part(text=piece.text, matched=piece.matched) for piece in pieces]


class IndexState(Schema):
    """How far the index of words is."""

    complete: bool
    upto: datetime | None = Field(description="What changed until then is found.")
    pages_left: int = Field(description="Counted up to 10,001.")

    @staticmethod
    def of(state: Progress) -> IndexState:
        """The state now."""
        return IndexState(complete=state.is_whole, upto=state.upto, pages_left=state.left)


class Found(Listed):
    """Pages, the best first."""

    items: list[HitShape]
    count: int = Field(description="Of all that were ranked, at most 1,000.")
    all_ranked: bool = Field(description="False: there are older pages with the words, which may match, too.")
    index: IndexState


@router.get("", response=Found, auth=may_look, operation_id="search")
def pages(request: HttpRequest, wanted: Annotated[Wanted, Query()]) -> Found:
    """Pages with these words in their title or text, as they were seen last."""
    optional_seed(wanted.seed)
    if wanted.cursor and Ranked.of(wanted.cursor) is None:
        raise bad_cursor()
    now = timezone.now()
    try:
        hits = search(_asked(wanted, now), now, wanted.cursor, wanted.limit)
    except ValueError as error:
        raise field_refused("changed_since", f"changed_since: {error}.") from error
    return Found(
        items=[HitShape.of(hit) for hit in hits.rows],
        next_cursor=hits.following or None,
        count=hits.total,
        all_ranked=hits.all_ranked,
        index=IndexState.of(progress()),
    )


def _asked(wanted: Wanted, now: datetime) -> Asked:
    try:
        conditions = read_conditions(wanted.where, now)
    except ValueError as error:
        raise field_refused("where", f"where: {error}") from error
    names = ("text", "seed", "tag", "host", "changed_since", "there")
    return Asked(**{name: getattr(wanted, name) for name in names}, conditions=conditions)
