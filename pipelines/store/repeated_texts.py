"""Templates that say nothing new: a batch's texts are compared with those that their runs have read."""

from __future__ import annotations

from typing import NamedTuple

from catalog.models import RunTemplate
from catalog.sql.bulk import update_each
from catalog.sql.frontier import texts_read
from crawler.outcomes import Limit
from crawler.reading.signature import alike
from crawler.rules.traps import ALIKE
from pipelines.store.runs import BatchRun

_Texts = tuple[int, int, int]  # run id, first and last signature


class _Read(NamedTuple):
    batch_run: BatchRun
    template: int
    same: _Texts
    alike: _Texts


class RepeatedTexts:
    """Counts, for each URL template of a run, the pages in a row whose text the run had read before.

    Only templates with such pages have a row. At the seed's limit the template is closed to admission, and
    a page with something new opens it. The runs must be locked.
    """

    def __init__(self) -> None:
        self._reads: list[_Read] = []

    def note(self, batch_run: BatchRun, url: str, signature: int) -> None:
        """Add a page that was read, by the signature of its text."""
        key, run_id = batch_run.keys.template(url), batch_run.run.pk
        read = _Read(batch_run, key, (run_id, signature, signature), (run_id, *alike(signature)))
        self._reads.append(read)

    def write(self) -> None:
        """Count, before the visits of the batch are written, and name the limit on runs where it acted."""
        known = texts_read({read.alike for read in self._reads})
        known |= texts_read({read.same for read in self._reads if read.alike in known})
        rows = self._rows()
        changed = {}
        for read in self._reads:
            key = (read.batch_run.run.pk, read.template)
            if read.alike in known and key not in rows:
                rows[key] = RunTemplate(run_id=key[0], template=key[1])
            if key in rows:
                changed[key] = _count(rows[key], read, known)
            known |= {read.same, read.alike}
        old = [row for row in changed.values() if row.pk is not None]
        RunTemplate.objects.bulk_create([row for row in changed.values() if row.pk is None])
        update_each(old, ["same", "alike", "closed"])

    def _rows(self) -> dict[tuple[int, int], RunTemplate]:
        if not self._reads:
            return {}
        rows = RunTemplate.objects.filter(
            run__in={read.batch_run.run.pk for read in self._reads},
            template__in={read.template for read in self._reads},
        )
        return {(row.run_id, row.template): row for row in rows}


def _count(row: RunTemplate, read: _Read, known: set[_Texts]) -> RunTemplate:
    row.same = row.same + 1 if read.same in known else 0
    row.alike = row.alike + 1 if read.alike in known else 0
    limit = read.batch_run.policy.max_same_text
    row.closed = limit is not None and (row.same >= limit or row.alike >= limit * ALIKE)
    if row.closed:
        read.batch_run.limited(Limit.SAME_TEXT, 0)
    return row
