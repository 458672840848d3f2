"""What a seed's earlier runs have seen and by which rules: whether what a run sees is news.

All that the first run of a seed finds is new to us and not to the site, and so is all that new rules read. So
both are a baseline, of which no event says that it is new.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from catalog.models import RuleSet, Run
from crawler.outcomes import Reason

_FILLED_BEFORE = """
EXISTS (
    SELECT 1 FROM catalog_run AS earlier
    WHERE earlier.state = %s AND earlier.seed_id = catalog_run.seed_id
    AND earlier.finished_at <= catalog_run.started_at AND (earlier.stored > 0 OR earlier.unchanged > 0)
    AND earlier.kind <> %s AND earlier.reason <> %s
)
"""


def filled_before() -> RawSQL:
    """To annotate runs: whether an earlier run of the same seed had filled it before the run began.

    Not one that a person stopped, which may have seen little of it. It is asked for each batch; Django would
    take longer to put the statement together than the database to answer it.
    """
    parameters = (Run.State.FINISHED, Run.Kind.RECRAWL, Reason.STOPPED)
    return RawSQL(_FILLED_BEFORE, parameters, BooleanField())  # noqa: S611  ours


def rules_known(run: Run, until: datetime | None) -> bool:
    """Whether an earlier run has read the seed by the rules of a run, and was over before a moment."""
    return until is not None and _by_rules(run).filter(finished_at__lt=until).exists()


def known_collections(run: Run) -> frozenset[str]:
    """The collections of a run's rules that rules of earlier runs have read, too."""
    names = frozenset(each.name for each in run.policy.collections)
    if _by_rules(run).filter(finished_at__lte=run.started_at).exists():
        return names
    earlier = _finished(run).filter(finished_at__lte=run.started_at).exclude(rule_set=None)
    sets = RuleSet.objects.filter(pk__in=earlier.order_by().values("rule_set").distinct())
    return names & {each["name"] for rules in sets.values_list("rules", flat=True) for each in rules}


def _by_rules(run: Run) -> QuerySet[Run]:
    return _finished(run).filter(rule_set=run.rule_set_id)


def _finished(run: Run) -> QuerySet[Run]:
    runs = Run.objects.filter(seed=run.seed_id, state=Run.State.FINISHED)
    return runs.filter(Q(stored__gt=0) | Q(unchanged__gt=0)).exclude(kind=Run.Kind.RECRAWL)
