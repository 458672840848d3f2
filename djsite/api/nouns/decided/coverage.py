"""Coverage: how much the last run read of each collection, and that what fell is really gone."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Router
from ninja.schema import Schema
from pydantic import Field

from djsite.api.callers import may_change_seeds, may_look, user_of
from djsite.api.paging import Id
from djsite.api.rows import alive_seed
from djsite.desk.read.coverage import CollectionCoverage, Line, coverage_of_seed
from djsite.desk.trials import repairs

router = Router()


class LineShape(Schema):
    """The pages of a collection, or a field of it."""

    name: str
    filled: int
    of: int
    failed: int = Field(description="Values that are not of the type.")
    usual: float | None = Field(description="What is usual, in percent.")
    state: str = Field(description="fell: the last good values are held; accepted: it is really gone.")

    @staticmethod
    def of_line(line: Line) -> LineShape:
        """The shape of a line."""
        return LineShape(**{name: getattr(line, name) for name in LineShape.model_fields})


class CoverageShape(Schema):
    """What the last run read of a collection."""

    id: int
    run: int
    collection: str
    fell: str = Field(description="What fell, and since when; empty: nothing is held.")
    lines: list[LineShape]
    pages: list[int] = Field(description="Some that show it.")


@router.get("/{int:pk}/coverage", response=list[CoverageShape], auth=may_look, operation_id="get_coverage")
def coverage(request: HttpRequest, pk: Id) -> list[CoverageShape]:
    """What the last run that was measured read of each collection."""
    return [_shape(each) for each in coverage_of_seed(alive_seed(pk))]


@router.post(
    "/{int:pk}/coverage/{int:number}/gone",
    response=list[CoverageShape],
    auth=may_change_seeds,
    operation_id="accept_gone",
)
def gone(request: HttpRequest, pk: Id, number: Id) -> list[CoverageShape]:
    """What fell there is really gone: the last good values are held no more, and are taken away in a moment.

    ``number`` is an ``id`` of the coverage.
    """
    if repairs.accept(alive_seed(pk), number, timezone.now(), user_of(request)) is None:
        raise Http404
    return coverage(request, pk)


def _shape(each: CollectionCoverage) -> CoverageShape:
    return CoverageShape(
        id=each.row.pk,
        run=each.row.run_id,
        collection=each.row.collection,
        fell=each.sentence,
        lines=[LineShape.of_line(line) for line in each.lines],
        pages=[page.pk for page in each.pages],
    )
