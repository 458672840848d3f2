"""What happens next to an address, if nothing changes."""

from __future__ import annotations

from catalog.models import Seed
from djsite.desk.explain.case import Case
from djsite.desk.explain.explanation import Link, Mark, Step
from djsite.desk.explain.links import Found
from djsite.desk.explain.queue import rests_until
from djsite.desk.schedules import next_due
from djsite.desk.words import ago


def next_step(case: Case, barrier: Step | None, found: Found | None) -> Step:
    """What comes next: its turn in the queue, or the next run."""
    if case.waiting is not None and barrier is None:
        return Step(name="next", mark=Mark.WAITS, sentence=_turn(case), facts={"due_at": case.waiting.due_at})
    due = next_due(case.seed, case.now)
    when = ago(due[0], case.now) if due and due[0] > case.now else "now" if due else ""
    link, facts = Link("seed", case.seed.pk), {"next_run_at": due[0] if due else None}
    if barrier is not None:
        sentence = "Nothing: it is left out by each run, as long as this holds."
        return Step(name="next", mark=Mark.NO, sentence=sentence, facts=facts, link=link)
    if not when:
        sentence = f"{_no_schedule(case)} {_asks(case, found).format('A run begun by hand')}"
        return Step(name="next", mark=Mark.WAITS, sentence=sentence, facts=facts, link=link)
    sentence = _asks(case, found).format(f"The next run, due {when},")
    return Step(name="next", mark=Mark.YES, sentence=sentence, facts=facts, link=link)


def _turn(case: Case) -> str:
    visit, host = case.waiting, case.host
    assert visit is not None
    moments = (visit.due_at, rests_until(case), host.next_request_at if host else None)
    latest = max(moment for moment in moments if moment is not None)
    when = "now" if latest <= case.now else ago(latest, case.now)
    return f"It is asked when its turn comes, {when} at the earliest."


def _no_schedule(case: Case) -> str:
    if case.seed.schedule == Seed.Schedule.MANUAL:
        return "The seed runs by hand only."
    return "The schedule of the seed is switched off." if not case.seed.enabled else "No next run is planned."


def _asks(case: Case, found: Found | None) -> str:
    if case.is_start or case.is_sitemap:
        return "{} asks for it."
    if found is not None or case.page is not None:
        return "{} asks for it, if a page still leads to it."
    return "{} asks for it, if it meets a link to it."
