"""Looking up pages by their words: the newest that match are ranked, and a part of these is read.

However many pages there are, the newest 1,000 that match are ranked; filters by what the index does not know
look at the newest 20,000 that match, and leave 1,000 of them. A search that reaches a bound says so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Self

from django.db.models import Exists, OuterRef, QuerySet

from catalog.models import Page, Seed
from catalog.search import Matching, Newest, Question, index
from catalog.search.documents import of_host, of_seed
from catalog.sql.bulk import listed
from pipelines.data.conditions import condition_on, records_of
from pipelines.data.record_list import RecordList
from pipelines.search.snippets import Piece, marked, snippet

MATCHING, RANKED = 20_000, 1_000
FIRST = 2_000  # that the filters look at before all others
SLICE = 4_000  # ids that they look at together
SIZE = 20
_DIGITS = 6  # of a score, so that its text says all of it
_CURSOR = re.compile(r"(-?[0-9]{1,9}\.[0-9]{6})~([0-9]{1,18})")


class PageSearch(NamedTuple):
    """Which pages are wanted; what is None asks for nothing."""

    text: str
    seeds: Sequence[int] | None = None
    hosts: Sequence[int] | None = None
    changed_since: datetime | None = None
    there: bool = False  # only pages that are not gone
    records: RecordList | None = None  # only pages with a record that meets its conditions


class Ranked(NamedTuple):
    """A page by how well it fits: larger first."""

    score: float
    id: int

    def __str__(self) -> str:
        return f"{self.score:.{_DIGITS}f}~{self.id}"

    @classmethod
    def of(cls, cursor: str) -> Self | None:
        """The place after which a list goes on; None for a text that is no cursor."""
        match = _CURSOR.fullmatch(cursor)
        return cls(float(match[1]), int(match[2])) if match else None


class Hit(NamedTuple):
    """A page, with its seed and latest version, and where the words are in its title and text."""

    page: Page
    title: tuple[Piece, ...]
    snippet: tuple[Piece, ...]


class Hits(NamedTuple):
    """A part of what was found; ``following`` is the cursor of the next, empty at the end."""

    rows: list[Hit]
    following: str = ""
    total: int = 0  # of all that were ranked
    all_ranked: bool = True  # False: there are older ones with the words, which may match, too


def look_up(search: PageSearch, now: datetime, cursor: str = "", size: int = SIZE) -> Hits:
    """The part that begins after ``cursor``; a cursor that makes no sense means the start."""
    question = Question.of(search.text)
    groups = [[of_seed(pk) for pk in search.seeds]] if search.seeds is not None else []
    groups += [[of_host(pk) for pk in search.hosts]] if search.hosts is not None else []
    if question.is_empty or not all(groups):
        return Hits([])
    newest = _newest(search, Matching(question, groups, _deleted()), now)
    ranked = _ranked(question, newest.ids)
    after = Ranked.of(cursor)
    left = [each for each in ranked if after is None or each < after]
    part = left[:size]
    following = str(part[-1]) if len(left) > size else ""
    return Hits(_hits(question, part), following, len(ranked), newest.whole)


def _deleted() -> list[str]:
    """The marks of pages that nobody sees any more."""
    return [of_seed(pk) for pk in Seed.objects.exclude(deleted_at=None).values_list("pk", flat=True)]


def _newest(search: PageSearch, matching: Matching, now: datetime) -> Newest:
    """What is ranked. Most filters leave most pages, so they look at few first."""
    pages = _filtered(search, now)
    if pages is None:
        return index().newest(matching, RANKED)
    for most in (FIRST, MATCHING):
        kept = _kept(pages, index().newest(matching, most))
        if kept.whole or len(kept.ids) == RANKED:
            break
    return kept


def _kept(pages: QuerySet[Page], found: Newest) -> Newest:
    """The newest of these pages that the filters leave, as many as are ranked."""
    kept: list[int] = []
    for at in range(0, len(found.ids), SLICE):
        part = found.ids[at : at + SLICE]
        fitting = set(pages.filter(pk__in=listed(part)).values_list("pk", flat=True))
        kept += [pk for pk in part if pk in fitting]
        if len(kept) > RANKED:
            return Newest(kept[:RANKED], whole=False)
    return Newest(kept, found.whole)


def _filtered(search: PageSearch, now: datetime) -> QuerySet[Page] | None:
    """The pages that are asked for by what the index does not know; None if all are."""
    pages = everything = Page.objects.all()
    if search.there:
        pages = pages.filter(gone_at=None)
    if search.changed_since is not None:
        pages = pages.filter(last_changed_at__gte=search.changed_since)
    if search.records is not None:
        records = records_of(search.records).filter(condition_on(search.records, now))
        pages = pages.filter(Exists(records.filter(page=OuterRef("pk"))))
    return None if pages is everything else pages


def _ranked(question: Question, ids: Sequence[int]) -> list[Ranked]:
    scores = index().scores(question, ids)
    return sorted((Ranked(round(scores[pk], _DIGITS), pk) for pk in ids if pk in scores), reverse=True)


def _hits(question: Question, part: Sequence[Ranked]) -> list[Hit]:
    pages = Page.objects.select_related("seed", "latest").defer("latest__outlinks_zstd")
    by_id = pages.in_bulk([each.id for each in part])
    return [_hit(question, by_id[each.id]) for each in part if each.id in by_id]


def _hit(question: Question, page: Page) -> Hit:
    title, text = (page.latest.title, page.latest.text) if page.latest else ("", "")
    return Hit(page, marked(title or page.url, question), snippet(text, question))
