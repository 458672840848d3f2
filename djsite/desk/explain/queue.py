"""What is under way for an address: its run, its place in the queue, its tries, its host."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from catalog.models import Attempt, Run, Visit
from crawler.lanes import lane_of
from crawler.outcomes import Limit, Reason
from crawler.rules.retries import rule_of
from djsite.desk.explain.case import Case
from djsite.desk.explain.explanation import Code, Link, Mark, Step
from djsite.desk.hosts.pace import open_policies, pace_in_force
from djsite.desk.hosts.words import breaker, leased, seconds
from djsite.desk.read.tally import Tally
from djsite.desk.words import ago, reason_words, run_words
from pipelines.frontier.closed import of_closed_templates
from pipelines.frontier.window import Due

BEFORE = 1_000  # addresses of the queue before it that are counted


def run_step(case: Case) -> Step:
    """The state of the run that the address waits in, or of the seed's last."""
    run = case.waiting.run if case.waiting else case.crawl
    if run is None:
        return Step(name="run", mark=Mark.UNKNOWN, sentence="The seed has not run yet.")
    words = run_words(run.state, run.reason, run.stored + run.unchanged, run.unknown_failures)
    why = f" ({reason_words(run.reason)})" if run.reason else ""
    when = run.finished_at or run.started_at or run.slot
    facts = {"run": run.pk, "state": run.state, "reason": run.reason, "kind": run.kind}
    link = Link("run", run.pk)
    which = "Its run" if case.waiting else "The last run"
    sentence = f"{which}, {run.pk}: {words.label}{why}, {ago(when, case.now)}."
    mark = Mark.WAITS if run.state in (Run.State.PAUSED, Run.State.DUE) else Mark.UNKNOWN
    return Step(name="run", mark=mark, sentence=sentence, facts=facts, link=link)


def host_step(case: Case) -> Step:
    """How its host does: its breaker, and how fast it is asked."""
    host = case.host
    if host is None:
        return Step(name="host", mark=Mark.UNKNOWN, sentence="Its host was never asked.")
    words, link = breaker(host, case.now), Link("host", host.pk)
    facts: dict[str, Any] = {
        "failures": host.failures,
        "open_until": host.open_until,
        "slowdown": host.slowdown,
    }
    facts |= {"next_request_at": host.next_request_at, "last_reason": host.last_reason}
    if until := rests_until(case):
        sentence = f"Its host fails and is left alone for now; it is asked again {ago(until, case.now)}."
        return Step(name="host", mark=Mark.WAITS, sentence=sentence, facts=facts, link=link)
    policies = open_policies([host.pk]).get(host.pk, [])
    if policies:
        facts["delay"] = pace_in_force(host, policies).delay
        pace = f" It is asked every {seconds(facts['delay'])} at most."
    else:
        pace = ""
    trouble = f" {words.sentence}" if host.failures else ""
    sentence = f"Its host {'fails' if host.failures else 'is well'}.{trouble}{pace}"
    return Step(name="host", mark=Mark.YES, sentence=sentence, facts=facts, link=link)


def rests_until(case: Case) -> datetime | None:
    """Until when nothing is asked of the host; None if it may be asked."""
    until = case.host.open_until if case.host else None
    return until if until and until > case.now else None


def queue_step(case: Case) -> Step | None:
    """Where the visit that has not ended stands; None if there is none."""
    visit = case.waiting
    if visit is None:
        return None
    facts = {"state": Visit.State(visit.state).label, "due_at": visit.due_at, "attempts": visit.attempts}
    link = Link("run", visit.run_id)
    if visit.state == Visit.State.FETCHED:
        sentence = "It was asked a moment ago, and the answer is being read."
        return _waits(Code.IN_HAND, sentence, facts, link)
    if visit.run.state == Run.State.STOPPING:
        return _waits(
            Reason.STOPPED, "It waits in a run that is being stopped, and will be left out.", facts, link
        )
    if visit.state == Visit.State.HELD:
        opened = visit.run.state != Run.State.DUE
        why = "is paused" if opened else "is being opened"
        return _waits(Code.HELD, f"It waits, because run {visit.run_id} {why}.", facts, link)
    if skipped_as_trap(visit):
        sentence = f"It waits, and will be left out: {reason_words(Limit.SAME_TEXT)}."
        return _waits(Limit.SAME_TEXT, sentence, facts, link)
    facts["before"] = before = _before(visit)
    if until := rests_until(case):
        sentence = f"It waits: its host fails and is left alone; it is asked again {ago(until, case.now)}."
        return _waits(Code.HOST_RESTS, sentence, facts, link)
    if visit.attempts:
        return _waits(Code.RETRY, _retry(case, visit), facts, link)
    return _waits(
        Code.WAITING, f"It waits for its turn in run {visit.run_id}; {_ahead(before)}.", facts, link
    )


def _ahead(before: int) -> str:
    if not before:
        return "it is the next of its host"
    return (
        "1 address of its host comes first"
        if before == 1
        else f"{Tally(before, BEFORE)} of its host come first"
    )


def _waits(code: str, sentence: str, facts: dict[str, Any], link: Link) -> Step:
    return Step(name="queue", mark=Mark.WAITS, sentence=sentence, code=str(code), facts=facts, link=link)


def skipped_as_trap(visit: Visit) -> bool:
    """Whether a queued visit will be left out, since pages of its kind say nothing new."""
    due = Due(*(getattr(visit, name) for name in Due._fields))
    return bool(of_closed_templates([due], {visit.run_id: visit.run.policy}))


def _before(visit: Visit) -> int:
    """How many visits of its host are served first; counting stops at a bound."""
    queue = Visit.objects.filter(host=visit.host_id, state=Visit.State.QUEUED).order_by()
    parts = (
        queue.filter(rank__lt=visit.rank),
        queue.filter(rank=visit.rank, due_at__lt=visit.due_at),
        queue.filter(rank=visit.rank, due_at=visit.due_at, pk__lt=visit.pk),
    )  # each a range of the queue's index
    return sum(part[: BEFORE + 1].count() for part in parts)


def _retry(case: Case, visit: Visit) -> str:
    attempt = case.attempts[0] if case.attempts else None
    why = _why(attempt) if attempt else "the reason is not kept"
    most = rule_of(attempt.reason if attempt else "").attempts
    when = "as soon as its turn comes" if visit.due_at <= case.now else ago(visit.due_at, case.now)
    return f"It failed {_times(visit.attempts)} of {most} ({why}), and is tried again {when}."


def _why(attempt: Attempt) -> str:
    return reason_words(attempt.reason) + (f": {attempt.detail.rstrip('.')}" if attempt.detail else "")


def _times(count: int) -> str:
    return "1 time" if count == 1 else f"{count} times"


def engine_of(case: Case) -> dict[str, Any]:
    """What people who run Crawlbeat look for."""
    host, visit = case.host, case.waiting
    values: dict[str, Any] = {"fingerprint": case.link.fingerprint, "origin": case.link.origin}
    if visit is not None:
        lane, priority = lane_of(visit.rank), 9 - visit.rank % 10
        values |= {"lane": lane.label, "priority": priority, "due_at": visit.due_at, "visit": visit.pk}
        values |= {"state": Visit.State(visit.state).label, "depth": visit.depth, "batch": visit.batch_id}
    if host is not None:
        values |= {"breaker": breaker(host, case.now).label, "next_request_at": host.next_request_at}
        values |= {"lease": host.lease_owner if leased(host, case.now) else ""}
    values |= {"attempts": [_attempt(attempt) for attempt in case.attempts]}
    return values


def _attempt(attempt: Attempt) -> dict[str, Any]:
    names = ("number", "reason", "status", "detail", "fetched_at", "next_due_at")
    return {name: getattr(attempt, name) for name in names}
