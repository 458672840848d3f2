"""Templates that say nothing new: a batch's texts are compared with those that their runs have read."""

from __future__ import annotations

from typing import NamedTuple

from catalog.models import RunTemplate
from catalog.sql.bulk import update_each
from catalog.sql.frontier import texts_read
from crawler.outcomes import Limit
from crawler.reading.signature import alike
from crawler.rules.traps import is_exhausted
from pipelines.store.runs import BatchRun

_Texts = tuple[int, int, int]  # run id, first and last signature


class _Read(NamedTuple):
    batch_run: BatchRun
    templates: dict[int, int]  # keys, with their patience
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
        templates, run_id = batch_run.keys.templates(url), batch_run.run.pk
        read = _Read(batch_run, templates, (run_id, signature, signature), (run_id, *alike(signature)))
        self._reads.append(read)

    def write(self) -> None:
        """Count, before the visits of the batch are written, and name the limit on runs where it acted."""
        known = texts_read({read.alike for read in self._reads})
        known |= texts_read({read.same for read in self._reads if read.alike in known})
        rows = self._rows()
        counts = {key: _counts(row) for key, row in rows.items()}
        for read in self._reads:
            run_id = read.batch_run.run.pk
            for template, patience in read.templates.items():
                if read.alike in known and (run_id, template) not in rows:
                    rows[run_id, template] = RunTemplate(run_id=run_id, template=template)
                if (row := rows.get((run_id, template))) is not None:
                    _count(row, read, patience, known)
            known |= {read.same, read.alike}
        RunTemplate.objects.bulk_create([row for key, row in rows.items() if key not in counts])
        changed = [rows[key] for key, before in counts.items() if _counts(rows[key]) != before]
        update_each(changed, ["same", "alike", "closed"])

    def _rows(self) -> dict[tuple[int, int], RunTemplate]:
        if not self._reads:
            return {}
        rows = RunTemplate.objects.filter(
            run__in={read.batch_run.run.pk for read in self._reads},
            template__in={template for read in self._reads for template in read.templates},
        )
        return {(row.run_id, row.template): row for row in rows}


def _counts(row: RunTemplate) -> tuple[int, int, bool]:
    return row.same, row.alike, row.closed


def _count(row: RunTemplate, read: _Read, patience: int, known: set[_Texts]) -> None:
    row.same = row.same + 1 if read.same in known else 0
    row.alike = row.alike + 1 if read.alike in known else 0
    limit = read.batch_run.policy.max_same_text
    row.closed = limit is not None and is_exhausted(row.same, row.alike, limit * patience)
    if row.closed:
        read.batch_run.limited(Limit.SAME_TEXT, 0)
