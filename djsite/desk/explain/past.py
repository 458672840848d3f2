"""What became of an address so far: its visits that ended, with their reasons, and its page."""

from __future__ import annotations

from catalog.models import Visit
from crawler.outcomes import Outcome, Reason
from djsite.desk.explain.case import Case
from djsite.desk.explain.explanation import Code, Link, Mark, PastVisit, Step
from djsite.desk.verdicts.overruling import standing
from djsite.desk.words import ago, is_verdict, reason_words

NOT_ASKED: frozenset[str] = frozenset(
    {
        Reason.ROBOTS,
        Reason.STOPPED,
        Reason.MAX_DURATION,
        Reason.LEFT_OUT,
        Reason.SAME_TEXT,
        Reason.HOST_DOWN,
        Reason.BLOCKED_ADDRESS,
        Reason.BAD_URL,
        Reason.SEALED_HEADERS,
        Reason.ROBOTS_UNREACHABLE,
    }
)
"""Reasons for which no request for the address itself was made."""
GOT = frozenset({Outcome.STORED, Outcome.UNCHANGED})


def past_visits(case: Case) -> tuple[PastVisit, ...]:
    """The visits that ended, newest first."""
    return tuple(_past(visit, case) for visit in case.visits if visit.state == Visit.State.DONE)


def _past(visit: Visit, case: Case) -> PastVisit:
    return PastVisit(
        visit=visit.pk,
        run=visit.run_id,
        at=visit.fetched_at,
        outcome=Outcome(visit.outcome or 0).label,
        reason=visit.reason or "",
        status=visit.status,
        tries=visit.attempts,
        sentence=ended(visit, case),
    )


def ended(visit: Visit, case: Case) -> str:
    """How a visit ended, as a sentence."""
    when = f" {ago(visit.fetched_at, case.now)}" if visit.fetched_at else ""
    why = reason_words(visit.reason) + (f": {visit.detail.rstrip('.')}" if visit.detail else "")
    if visit.outcome == Outcome.STORED:
        return f"It was fetched{when}, and stored."
    if visit.outcome == Outcome.UNCHANGED:
        return f"It was fetched{when}, and has not changed{f' ({why})' if why else ''}."
    if visit.outcome == Outcome.REDIRECTED:
        return f"It leads elsewhere{when and ','}{when}: to {visit.location}."
    if visit.reason == Reason.SITEMAP:
        return f"It was read{when} as a sitemap, for the addresses that it lists; it is no page."
    if visit.reason in NOT_ASKED:
        return f"It was not asked: {why}."
    tries = f" {visit.attempts} times, last" if visit.attempts > 1 else ""
    return f"It was asked{tries}{when}, and not stored: {why}."


def page_step(case: Case) -> Step:
    """What is stored of the address."""
    page = case.page
    if page is None:
        return Step(name="page", mark=Mark.UNKNOWN, sentence="Nothing of it is stored.")
    link = Link("page", page.pk)
    facts = {
        "versions": page.versions,
        "changed_at": page.last_changed_at,
        "fetched_at": page.last_fetched_at,
    }
    if page.gone_at:
        sentence = f"It was stored, and is gone since {ago(page.gone_at, case.now)}."
        facts |= {"gone_at": page.gone_at}
        return Step(name="page", mark=Mark.NO, sentence=sentence, code=Code.GONE, facts=facts, link=link)
    versions = "1 version" if page.versions == 1 else f"{page.versions:,} versions"
    sentence = (
        f"It is stored, with {versions}: fetched {ago(page.last_fetched_at, case.now)}, "
        f"changed {ago(page.last_changed_at, case.now)}."
    )
    return Step(name="page", mark=Mark.YES, sentence=sentence, facts=facts, link=link)


def overruled_step(case: Case) -> Step | None:
    """What overrules the verdict on its last answer, or that nothing does; None if it has no verdict."""
    visit = case.last
    if visit is None or not is_verdict(visit.reason):
        return None
    lines = [each.line for each in standing(case.seed, [case.address, visit.url], visit.reason or "")]
    if lines:
        sentence = (
            f"This verdict is overruled since: “{lines[0]}”. The next visit keeps the answer as a page."
        )
        return Step(name="verdict", mark=Mark.YES, sentence=sentence, facts={"lines": lines})
    sentence = f"Its answer was taken for no page: {visit.detail or reason_words(visit.reason)}"
    facts = {"verdict": visit.reason, "visit": visit.pk}
    return Step(name="verdict", mark=Mark.NO, sentence=f"{sentence.rstrip('.')}.", facts=facts)
