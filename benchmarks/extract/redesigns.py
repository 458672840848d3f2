"""Twelve planted redesigns: rules of one design, pages of the next, and what a repaired rule has to read.

A repair gets the old rules, some pages of the old design with the values that were read of them, and the
pages of the new design. Whether a rule that it proposes is right, :meth:`Redesign.reads_truth` says.
"""

from __future__ import annotations

from typing import NamedTuple

from benchmarks.extract.coverage import is_value, pages_read
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

        Fields are judged one by one, by the order of records on a page, so that one can be right before those
        of the key are. All are wrong if a record is missed, or one is read that there is not.
        """
        right = {field.name: True for field in proposed.fields}
        for truth, records in pages_read(SITES[self.site](size=size), self.new, [proposed]):
            values = [each.values for each in truth if each.collection == proposed.name]
            for name in right:
                right[name] &= len(values) == len(records) and all(
                    is_value(record.values.get(name), true[name])
                    for record, true in zip(records, values, strict=True)
                )
        return right


HELD_OUT = (Redesign("shop", "a", "d"), Redesign("jobs", "a", "d"))
"""Written without a look at how candidates are found and scored, which was made with the others."""

REDESIGNS = tuple(Redesign(site, old, new) for site in SITES for old, new in (("a", "b"), ("b", "c")))
"""Classes and languages change, lists become tables, prices fall into parts; then all moves into data."""
