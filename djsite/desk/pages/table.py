"""A filtered list of pages as rows for a download: what the list shows, all of it, in its order."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from catalog.models import Page
from djsite.desk.exports import Rows
from djsite.desk.read.keyset import cut
from pipelines.export.slices import Place, Row, Slices, moment_text

COLUMNS = (
    *("url", "title", "seed", "status", "content_type", "size", "versions"),
    *("first_stored_at", "last_changed_at", "last_fetched_at", "gone_at"),
)
SLICE = 500  # rows read at once
SEARCHED = 20_000  # rows of which those that a search finds are read at once


def page_list_rows(pages: QuerySet[Page], order: str, search: Q | None) -> Rows:
    """The rows of a list (:func:`djsite.desk.read.pages.list_pages`) in an order of the list."""

    def slices(_: Place) -> Slices:
        after = ""
        while True:
            part = cut(pages, after, order=order, size=SLICE, search=search, most=SEARCHED)
            yield [_row(page) for page in part.rows], Place()
            after = part.following
            if not after:
                return

    return Rows(COLUMNS, slices, tuple)


def _row(page: Page) -> Row:
    latest = page.latest
    return {
        "url": page.url,
        "title": latest.title if latest else "",
        "seed": page.seed.name,
        "status": latest.status if latest else None,
        "content_type": latest.content_type if latest else "",
        "size": latest.size if latest else None,
        "versions": page.versions,
        "first_stored_at": moment_text(page.first_stored_at),
        "last_changed_at": moment_text(page.last_changed_at),
        "last_fetched_at": moment_text(page.last_fetched_at),
        "gone_at": moment_text(page.gone_at),
    }
