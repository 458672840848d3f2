"""The verdict: of all that decides on an address, what did."""

from __future__ import annotations

from typing import NamedTuple

from catalog.models import Run
from crawler.outcomes import Limit, Outcome, Reason
from crawler.rules.urls import host_of
from djsite.desk.explain.case import Case
from djsite.desk.explain.changes import change_after
from djsite.desk.explain.explanation import Change, Code, Mark, Step
from djsite.desk.explain.links import Found
from djsite.desk.explain.past import GOT, ended
from djsite.desk.explain.rules import raised
from djsite.desk.words import ago, reason_words

_MAY_BE = (Limit.DEPTH, Limit.PAGES, Limit.PAGES_PER_HOST, Limit.HOSTS)
"""Limits that may have turned away an address of which nobody knows where it stands."""


class Verdict(NamedTuple):
    """What decided; ``change`` is what would have to be otherwise."""

    code: str
    mark: Mark
    sentence: str
    change: Change | None = None


def verdict_of(case: Case, barrier: Step | None, queue: Step | None, found: Found | None) -> Verdict:
    """What decided on the address: ``barrier`` is the first rule that shuts it out, if one does."""
    if queue is not None:
        return _waiting(queue, barrier)
    got = case.last is not None and case.last.outcome in GOT
    if case.last is not None and not got:
        return _not_stored(case)
    if barrier is not None:
        return _shut_out(case, barrier)
    if case.page is not None or got:
        return _there(case)
    return _never_met(case, found)


def _waiting(queue: Step, barrier: Step | None) -> Verdict:
    if barrier is not None and queue.code != Code.IN_HAND:
        sentence = f"It waits in a run, and will not be asked. {barrier.sentence}"
        return Verdict(barrier.code, Mark.NO, sentence, barrier.change)
    if queue.code in (Limit.SAME_TEXT, Reason.STOPPED):
        return Verdict(queue.code, Mark.NO, queue.sentence, change_after(queue.code, ""))
    return Verdict(queue.code, Mark.WAITS, queue.sentence)


def _not_stored(case: Case) -> Verdict:
    visit = case.last
    assert visit is not None
    if visit.outcome == Outcome.REDIRECTED:
        change = Change(f"Nothing: look at {visit.location} instead.")
        return Verdict(Outcome.REDIRECTED.label, Mark.NO, ended(visit, case), change)
    change = change_after(visit.reason or "", host_of(case.address))
    page = case.page
    if page is not None and page.gone_at:
        sentence = f"It is gone since {ago(page.gone_at, case.now)}. {ended(visit, case)}"
        return Verdict(Code.GONE, Mark.NO, sentence, change)
    kept = " What was stored of it before stays." if page is not None else ""
    return Verdict(visit.reason or Outcome.FAILED.label, Mark.NO, f"{ended(visit, case)}{kept}", change)


def _shut_out(case: Case, barrier: Step) -> Verdict:
    if case.page is not None:
        sentence = f"It is stored, but is not asked again. {barrier.sentence}"
    else:
        sentence = f"It is not asked. {barrier.sentence}"
    return Verdict(barrier.code, Mark.NO, sentence, barrier.change)


def _there(case: Case) -> Verdict:
    page, last = case.page, case.last
    label = Outcome(last.outcome or Outcome.STORED).label if last else Outcome.STORED.label
    if page is None:
        return Verdict(label, Mark.YES, ended(last, case) if last else "It was stored.")
    if page.gone_at:
        sentence = f"It is gone since {ago(page.gone_at, case.now)}: the site shows it no more."
        return Verdict(
            Code.GONE, Mark.NO, sentence, Change("Nothing in the seed: no page leads to it any more.")
        )
    fetched, changed = ago(page.last_fetched_at, case.now), ago(page.last_changed_at, case.now)
    sentence = f"It is here: fetched {fetched}, changed {changed}."
    return Verdict(label, Mark.YES, sentence)


def _never_met(case: Case, found: Found | None) -> Verdict:
    run = case.crawl
    if run is None:
        change = Change("Start a run of the seed.")
        return Verdict(Code.NOT_RUN, Mark.WAITS, "It was not asked: the seed has not run yet.", change)
    if run.state in Run.UNDER_WAY:
        sentence = f"It was not asked so far: run {run.pk} is going, and has not met it yet."
        return Verdict(Code.NOT_YET, Mark.WAITS, sentence)
    if found is not None:
        sentence = f"It was not asked: run {run.pk} had ended, or did not follow the link on {found.url}."
        return Verdict(Code.NOT_FOLLOWED, Mark.WAITS, sentence, Change("Start a run of the seed."))
    acted = next((limit for limit in _MAY_BE if limit in run.limits), None)
    if acted is not None:
        sentence = (
            f"It was not asked. Run {run.pk} left out {run.limits[acted]:,} links ({reason_words(acted)}); "
            "it may be one of them."
        )
        return Verdict(acted, Mark.NO, sentence, raised(acted))
    change = Change(
        "Write it as a start URL of the seed, or a page or sitemap that leads to it. Links that a script "
        "makes are not seen.",
        "start_urls",
    )
    sentence = f"It was not asked: no page or sitemap that run {run.pk} read leads to it."
    return Verdict(Code.NOT_FOUND, Mark.NO, sentence, change)
