"""Explain an address: for each seed that has to do with it, what decided, and what would have to change."""

from __future__ import annotations

from datetime import datetime

from catalog.clock import db_now
from catalog.models import Seed
from crawler.rules.urls import canonical_of, host_of
from djsite.desk.explain.addresses import address_in
from djsite.desk.explain.case import Case
from djsite.desk.explain.explanation import Change, Code, Explanation, Mark, OfSeed, Step
from djsite.desk.explain.future import next_step
from djsite.desk.explain.links import found_at, found_step
from djsite.desk.explain.past import overruled_step, page_step, past_visits
from djsite.desk.explain.queue import engine_of, host_step, queue_step, run_step
from djsite.desk.explain.rules import limits_step, network_step, robots_step, scope_step
from djsite.desk.explain.seeds import Near, seeds_near
from djsite.desk.explain.verdict import verdict_of

SEEDS = 5  # that are told of


def explain(url: str, seed: Seed | None = None, *, now: datetime | None = None) -> Explanation:
    """All that decides on an address, for one seed or for those that have to do with it.

    ``url`` is any text; one that is no address is explained as that. Reads the tables only, in a number of
    queries that does not grow with them, and asks nothing of a host.
    """
    try:
        address = address_in(url)
    except ValueError as error:
        return Explanation(text=url, code=Code.NOT_AN_ADDRESS, mark=Mark.NO, verdict=str(error))
    now = now or db_now()
    near = Near([seed]) if seed else seeds_near(address)
    told = _told([Case(address, each, now) for each in near.seeds], near.having)
    canonical = told[0].canonical if told else canonical_of(address)
    if not told:
        return _no_seed(url, address, canonical)
    first = told[0]
    return Explanation(
        text=url,
        code=first.code,
        mark=first.mark,
        verdict=first.verdict,
        address=address,
        canonical=canonical,
        seeds=tuple(told),
        changes=first.changes,
        more=near.more + len(near.seeds) - len(told),
    )


def _told(cases: list[Case], having: frozenset[int]) -> list[OfSeed]:
    """The seeds that have the address, else that cover it, else that shut it out; some of them."""
    likely = sorted(cases, key=lambda case: (case.seed.pk not in having, not case.seems_covered))
    return [explain_for(case) for case in sorted(likely[: 2 * SEEDS], key=_concern)[:SEEDS]]


def _concern(case: Case) -> tuple[bool, bool, bool]:
    """The smaller, the more a seed has to do with the address."""
    covers = case.scope.covers(case.address)
    return not (case.page or case.visits), not covers, not case.is_start


def _no_seed(text: str, address: str, canonical: str) -> Explanation:
    host = host_of(address)
    return Explanation(
        text=text,
        code=Code.NO_SEED,
        mark=Mark.NO,
        verdict=f"It was not asked: no seed goes to {host}.",
        address=address,
        canonical=canonical,
        changes=(
            Change("Make a seed with this address, or write it into one as a start URL.", "start_urls"),
        ),
    )


def explain_for(case: Case) -> OfSeed:
    """The address as one seed sees it."""
    found, queue = found_at(case), queue_step(case)
    admission = [scope_step(case), limits_step(case, found)]
    request = [step for step in (network_step(case), robots_step(case)) if step is not None]
    deciding = request if queue else [*admission, *request]  # what waits has been admitted
    barrier = next((step for step in deciding if step.mark is Mark.NO), None)
    verdict = verdict_of(case, barrier, queue, found)
    after = (queue, overruled_step(case), page_step(case), run_step(case), host_step(case))
    steps = [_address_step(case), *admission, *request, found_step(case, found), *filter(None, after)]
    steps.append(next_step(case, barrier, found))
    changes = [verdict.change, *(step.change for step in (*admission, *request))]
    return OfSeed(
        seed=case.seed.pk,
        name=case.seed.name,
        code=str(verdict.code),
        mark=verdict.mark,
        verdict=verdict.sentence,
        canonical=case.canonical,
        steps=tuple(steps),
        visits=past_visits(case),
        changes=tuple(dict.fromkeys(change for change in changes if change is not None)),
        engine=engine_of(case),
    )


def _address_step(case: Case) -> Step:
    facts = {"address": case.address, "canonical": case.canonical}
    if case.canonical == case.address:
        return Step(name="address", mark=Mark.YES, sentence="The address is in its normal form.", facts=facts)
    sentence = f"Its normal form, by which its page is known, is {case.canonical}."
    return Step(name="address", mark=Mark.YES, sentence=sentence, facts=facts)
