"""Templates that say nothing new: what a batch's pages say is held against what their runs have read."""

from __future__ import annotations

from typing import NamedTuple

from crawler.records import Limit
from djsite.catalog.models import RunTemplate, Visit
from pipelines.frontier.limits import template_key
from pipelines.store.ledger import RunLedger


class _Read(NamedTuple):
    ledger: RunLedger
    template: int
    signature: int


class TextWatch:
    """Counts, for each URL template of a run, the pages in a row whose text the run had seen before.

    Only templates with such pages have a row. At the seed's limit the template is closed to admission, and
    a page with something new opens it. The runs must be locked.
    """

    def __init__(self) -> None:
        self._reads: list[_Read] = []

    def note(self, ledger: RunLedger, url: str, signature: int) -> None:
        """A page was read that says this."""
        key = template_key(url, ledger.policy.ignore_params)
        self._reads.append(_Read(ledger, key, signature))

    def write(self) -> None:
        """Count, before the visits of the batch are written, and name the limit on runs where it acted."""
        if not self._reads:
            return
        seen = self._seen()
        rows = self._rows()
        changed: dict[tuple[int, int], RunTemplate] = {}
        for ledger, template, signature in self._reads:
            run_id = ledger.run.pk
            row = rows.get((run_id, template))
            old = (run_id, signature) in seen
            seen.add((run_id, signature))
            if old and row is None:
                row = rows[run_id, template] = RunTemplate(run_id=run_id, template=template)
            if row is not None:
                _count(row, ledger, old)
                changed[run_id, template] = row
        known = [row for row in changed.values() if row.pk is not None]
        RunTemplate.objects.bulk_create([row for row in changed.values() if row.pk is None])
        RunTemplate.objects.bulk_update(known, ["in_a_row", "closed"])

    def _seen(self) -> set[tuple[int, int]]:
        visits = Visit.objects.filter(
            run__in={read.ledger.run.pk for read in self._reads},
            text_signature__in={read.signature for read in self._reads},
        )
        pairs = visits.order_by().values_list("run_id", "text_signature").distinct()
        return {(run_id, signature) for run_id, signature in pairs if signature is not None}

    def _rows(self) -> dict[tuple[int, int], RunTemplate]:
        found = RunTemplate.objects.filter(
            run__in={read.ledger.run.pk for read in self._reads},
            template__in={read.template for read in self._reads},
        )
        return {(row.run_id, row.template): row for row in found}


def _count(row: RunTemplate, ledger: RunLedger, old: bool) -> None:
    row.in_a_row = row.in_a_row + 1 if old else 0
    limit = ledger.policy.max_same_text
    row.closed = limit is not None and row.in_a_row >= limit
    if row.closed:
        ledger.limited(Limit.SAME_TEXT, 0)
