"""Queued visits whose URL template has said nothing new for so long that they are not asked any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from catalog.models import Run, RunTemplate
from crawler.outcomes import Limit
from crawler.policy import CrawlPolicy
from crawler.rules.keys import Keys
from crawler.rules.traps import SAMPLE_EVERY, is_exhausted
from pipelines.frontier.window import Due


def of_closed_templates(visits: Sequence[Due], policies: Mapping[int, CrawlPolicy]) -> set[int]:
    """The ids of visits to be skipped; ``policies`` by run id.

    A template is closed at the run's limit, but one in :data:`SAMPLE_EVERY` of its queue is asked: what says
    something new opens it again. At twice the limit nothing of it is asked.
    """
    limited = {run_id for run_id, policy in policies.items() if policy.max_same_text is not None}
    if not limited:
        return set()
    closing = Run.objects.filter(pk__in=limited, limits__has_key=Limit.SAME_TEXT.value)
    run_ids = set(closing.values_list("pk", flat=True))  # of nearly all crawls none
    keys = {run_id: Keys.of(policies[run_id]) for run_id in run_ids}
    links = [due for due in visits if due.run_id in run_ids and due.depth]
    templates = {due.id: keys[due.run_id].templates(due.url) for due in links}
    closed = _closed(run_ids, set().union(*templates.values()))
    return {
        due.id
        for due in links
        for template, patience in templates[due.id].items()
        if (row := closed.get((due.run_id, template))) is not None
        and _skipped(due, row, policies[due.run_id].max_same_text, patience)
    }


def _closed(run_ids: set[int], templates: set[int]) -> dict[tuple[int, int], RunTemplate]:
    if not templates:
        return {}
    rows = RunTemplate.objects.filter(run__in=run_ids, template__in=templates, closed=True)
    return {(row.run_id, row.template): row for row in rows}


def _skipped(due: Due, row: RunTemplate, limit: int | None, patience: int) -> bool:
    if limit is None:
        return False
    for_good = is_exhausted(row.same, row.alike, 2 * limit * patience)
    return for_good or due.fingerprint % SAMPLE_EVERY != 0
