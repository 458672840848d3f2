"""Pages that were there before and redirect now: which have moved, and whether anybody can say.

One redirect may be an accident, a notice, or the way to a login. A page has moved if it redirects in two
runs of its seed in a row, and the last of them has found a page where that leads. Where that run did not go,
a page has moved only if its status says so for good.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import OuterRef, Subquery

from catalog.models import Page, Run, Visit
from crawler.outcomes import Outcome
from crawler.rules.keys import Keys
from pipelines.store.decisions import MAX_HOPS

SLICE = 500  # redirects that are looked at together
FOUND = frozenset((Outcome.STORED, Outcome.UNCHANGED))
FOR_GOOD = frozenset((301, 308))
"""Statuses of a page that has another address for good (RFC 9110, 15.4.2 and 15.4.9); others may end."""


class Redirect(NamedTuple):
    """How a page that was there before redirects in a run."""

    visit_id: int
    fingerprint: int
    status: int | None
    location: str
    page_id: int


class Moved(NamedTuple):
    """The pages that have moved, by id, and whether others redirect of which nobody can say."""

    pages: list[int]
    for_good: list[int]  # those of them whose statuses say so, both times
    in_doubt: bool


def moved_pages(run: Run) -> Moved:
    """Of the pages that were there before, those that have moved. A recrawl tells nothing of that."""
    pages: list[int] = []
    for_good: list[int] = []
    in_doubt = False
    before = _run_before(run)
    for redirects in _redirects(run):
        statuses = _statuses(before, redirects)
        outcomes = _outcomes(run, redirects)
        for redirect in redirects:
            twice = redirect.fingerprint in statuses
            says_so = FOR_GOOD.issuperset((redirect.status, statuses.get(redirect.fingerprint)))
            outcome = outcomes.get(redirect.page_id)
            if twice and (outcome in FOUND or (outcome is None and says_so)):
                pages.append(redirect.page_id)
                for_good += [redirect.page_id] if says_so else []
            else:
                in_doubt = True
    return Moved(pages, for_good, in_doubt)


def _run_before(run: Run) -> Run | None:
    runs = Run.objects.filter(seed=run.seed_id, pk__lt=run.pk, state=Run.State.FINISHED)
    return runs.exclude(kind=Run.Kind.RECRAWL).order_by("-pk").first()


def _redirects(run: Run) -> Iterator[list[Redirect]]:
    """The redirects of pages that were there before, in slices."""
    if run.kind == Run.Kind.RECRAWL:
        return
    known = Page.objects.filter(
        seed=run.seed_id, fingerprint=OuterRef("fingerprint"), gone_at=None, latest__isnull=False
    )
    visits = Visit.objects.filter(run=run, state=Visit.State.DONE, outcome=Outcome.REDIRECTED)
    rows = visits.annotate(known=Subquery(known.values("pk")[:1])).filter(known__isnull=False)
    columns = rows.order_by("pk").values_list("pk", "fingerprint", "status", "location", "known")
    after = 0
    while part := [Redirect(*row) for row in columns.filter(pk__gt=after)[:SLICE]]:
        yield part
        after = part[-1].visit_id


def _statuses(run: Run | None, redirects: Sequence[Redirect]) -> Mapping[int, int | None]:
    """By fingerprint, how the same pages redirected in a run, if they did."""
    visits = Visit.objects.filter(run=run, fingerprint__in=[redirect.fingerprint for redirect in redirects])
    return dict(visits.filter(outcome=Outcome.REDIRECTED).values_list("fingerprint", "status"))


def _outcomes(run: Run, redirects: Sequence[Redirect]) -> Mapping[int, int]:
    """By page id, the outcome where its redirect leads after all hops; none if the run did not go there."""
    keys = Keys.of(run.policy)
    ahead = {redirect.page_id: redirect.location for redirect in redirects}
    outcomes: dict[int, int] = {}
    for _ in range(MAX_HOPS + 1):
        targets = {page_id: keys.link(location).fingerprint for page_id, location in ahead.items()}
        visits = Visit.objects.filter(run=run, fingerprint__in=set(targets.values()))
        ends: dict[int, list[Any]] = {
            key: end for key, *end in visits.values_list("fingerprint", "outcome", "location")
        }
        ahead = {}
        for page_id, target in targets.items():
            if target not in ends:
                outcomes.pop(page_id, None)
                continue
            outcomes[page_id], location = ends[target]
            if outcomes[page_id] == Outcome.REDIRECTED:
                ahead[page_id] = location
    return outcomes
