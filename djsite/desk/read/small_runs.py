"""Why a run ended with hardly more than its start URLs, in words."""

from __future__ import annotations

from catalog.models import Run, Visit
from crawler.outcomes import Outcome
from crawler.outlinks import VisitKind
from crawler.policy import Scope
from djsite.desk.words import reason_words

FEW = 20  # URLs of a run; a larger one has followed links
NAMED = 3  # start URLs that failed


def why_small(run: Run) -> list[str]:
    """Sentences about a finished run of few URLs; none if it is large, still going or a recrawl."""
    if run.state != Run.State.FINISHED or run.kind == Run.Kind.RECRAWL or run.discovered > FEW:
        return []
    pages = list(Visit.objects.filter(run=run, kind=VisitKind.PAGE).order_by("pk"))
    starts = [visit for visit in pages if not visit.depth]
    not_stored = [visit for visit in starts if visit.outcome in (Outcome.FAILED, Outcome.SKIPPED)]
    sentences = [_not_stored(visit) for visit in not_stored[:NAMED]]
    follows = run.policy.scope is not Scope.PAGE
    if follows and run.stored and len(starts) == len(pages):
        sentences.append(_no_links(run))
    return sentences


def _not_stored(visit: Visit) -> str:
    detail = f" ({visit.detail})" if visit.detail else ""
    return f"The start URL {visit.url} gave no page: {reason_words(visit.reason)}{detail}."


def _no_links(run: Run) -> str:
    if acted := [limit for limit, links in run.limits.items() if links]:
        limits = "; ".join(map(reason_words, acted))
        return f"No link was followed: {limits}. The seed's limits say how far it goes."
    if run.out_of_scope:
        some = f", such as {run.out_of_scope_sample[0]}" if run.out_of_scope_sample else ""
        return f"No link was followed: all lead out of the seed's scope{some}. A wider scope takes them in."
    return (
        "The pages that were read have no links to follow. Where a browser shows some, a script may make "
        "them, and scripts are not run: name such pages, or a sitemap, in the seed."
    )
