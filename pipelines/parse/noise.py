"""What is left out of the pages of a batch: the noise lines of their seeds, and blocks that were learned."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import Exists, OuterRef, QuerySet

from catalog.models import NoiseBlock, Run
from crawler.reading.content import NO_NOISE, BadNoise, Noise, css_line
from pipelines.handover import Fetched
from pipelines.parse.page import PageRules

log = logging.getLogger(__name__)


_LEFT_OUT = NoiseBlock.objects.filter(state=NoiseBlock.State.LEFT_OUT)


def with_learning(runs: QuerySet[Run]) -> QuerySet[Run]:
    """Runs with ``learning``: whether something was learned of their seed that is left out."""
    return runs.annotate(learning=Exists(_LEFT_OUT.filter(seed=OuterRef("seed"))))


class BatchNoise:
    """The noise of each page; what was learned is read once, by one statement, if there is something.

    ``rules`` gives the rules of each run, ``seeds`` its seed if something was learned of that.
    """

    def __init__(self, rules: Mapping[int, PageRules], seeds: Mapping[int, int | None]) -> None:
        self._rules, self._seeds = rules, seeds
        learning = {seeds[run_id] for run_id, each in rules.items() if each.learn_noise}
        self._learned = _learned(seed_id for seed_id in learning if seed_id is not None)

    def of(self, page: Fetched) -> Noise:
        """What is left out of a page."""
        rules = self._rules.get(page.run_id)
        if rules is None:
            return NO_NOISE
        blocks = self._learned.get(self._seeds[page.run_id] or 0) if rules.learn_noise else None
        selectors = blocks.get(rules.keys.template(page.url)) if blocks else None
        if not selectors:
            return rules.noise
        try:
            return rules.noise_with(map(css_line, selectors))
        except BadNoise:
            log.exception("what was learned of pages like %s cannot be used", page.url)
            return rules.noise


def _learned(seed_ids: Iterable[int]) -> dict[int, dict[int, list[str]]]:
    """Selectors by seed and URL template."""
    learned: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    blocks = _LEFT_OUT.filter(seed__in=list(seed_ids))
    for seed_id, template, selector in blocks.values_list("seed_id", "template", "selector"):
        learned[seed_id][template].append(selector)
    return learned
