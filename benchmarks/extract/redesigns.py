"""Twelve planted redesigns: rules of one design, pages of the next, and what a repaired rule has to read.

A repair gets the old rules, some pages of the old design with the values that were read of them, and the
pages of the new design. Whether a rule that it proposes is right, :meth:`Redesign.reads_truth` says.
"""

from __future__ import annotations

from typing import NamedTuple

from benchmarks.extract.coverage import coverage_of
from crawler.collections import Collection
from tests.fakeweb.sites import SITES


class Redesign(NamedTuple):
    """A site that changes its design."""

    site: str
    old: str
    new: str

    def rules(self) -> list[Collection]:
        """The rules that read the old design, and have to be repaired."""
        return [Collection.of(plain) for plain in SITES[self.site]().collections(self.old)]

    def right_rules(self) -> list[Collection]:
        """Rules that read the new design; others may be as right."""
        return [Collection.of(plain) for plain in SITES[self.site]().collections(self.new)]

    def reads_truth(self, proposed: Collection, size: int = 20) -> dict[str, bool]:
        """Of each field of a collection: whether it gives the true value of every record in the new design.

        All are wrong if a record is missed, or one is read that there is not.
        """
        coverage = coverage_of(SITES[self.site](size=size), self.new, [proposed])
        names = [field.name for field in proposed.fields]
        right = {name: coverage.right[f"{proposed.name}.{name}"] == coverage.expected for name in names}
        return {name: coverage.is_complete and right[name] for name in names}


REDESIGNS = tuple(Redesign(site, old, new) for site in SITES for old, new in (("a", "b"), ("b", "c")))
"""Classes and languages change, lists become tables, prices fall into parts; then all moves into data."""
