"""Lines of pages for changes: what only a new version of a page changes, so that a line says so each time.

When a page was looked at last, how far it is from the start and what rules read from it change without a
version, and the feed has no page for that. What is read from pages goes out as records.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from catalog.models import Page, Seed
from pipelines.export.plain import Moment
from pipelines.export.rows import Rows
from pipelines.export.slices import Place, Row, Slices, Values, read_slices

PAGE_CHANGE = (
    *("url", "final_url", "status", "content_type", "title", "size", "content_hash", "versions"),
    *("seed", "first_stored_at", "last_changed_at"),
)
_READ = (
    *("url", "latest__final_url", "latest__status", "latest__content_type", "latest__title", "latest__size"),
    *("latest__digest", "versions", "seed__name", Moment("first_stored_at"), Moment("last_changed_at")),
)


def pages_there(seed: Seed) -> Rows:
    """All pages of a seed that are not gone."""

    def slices(place: Place) -> Slices:
        for part in read_slices(_there(seed), _READ, place.after):
            yield [_row(page) for page in part], Place(seed.pk, after=part[-1][0])

    return Rows(PAGE_CHANGE, slices, tuple)


def some_pages(seed: Seed, keys: Sequence[int]) -> dict[int, Row]:
    """The rows of those of these pages that are not gone."""
    return {page[0]: _row(page) for page in _there(seed).filter(pk__in=keys).values_list("pk", *_READ)}


def _there(seed: Seed) -> QuerySet[Page]:
    return Page.objects.filter(seed=seed, gone_at=None, latest__isnull=False)


def _row(page: Values) -> Row:
    return dict(zip(PAGE_CHANGE, page[1:], strict=True))
