"""The steps that decide by rules: scope, network, limits, robots.txt. Each asks the function of the path."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from catalog.models import Host, Run
from crawler.outcomes import Limit, Reason
from crawler.policy import Scope
from crawler.rules.patterns import matching
from crawler.rules.robots import agent_token
from crawler.rules.scope import Reach
from crawler.rules.urls import host_of
from crawler.seeds import checks
from djsite.desk.explain.case import Case
from djsite.desk.explain.changes import change_after
from djsite.desk.explain.explanation import Change, Code, Link, Mark, Step
from djsite.desk.explain.links import Found
from djsite.desk.words import ago, reason_words
from pipelines.fetch.robots import THE_HOST
from pipelines.frontier.candidates import Candidate
from pipelines.frontier.limits import pages_within

_REACH = {
    Scope.PAGE: "only the start URLs belong to it, and this is none of them",
    Scope.PREFIX: "it is in none of the folders of the start URLs",
    Scope.HOST: "it is on another host than the start URLs",
    Scope.DOMAIN: "it is on another domain than the start URLs",
}
_WIDER = {
    Scope.PAGE: "Choose a wider scope, or write this address as a start URL.",
    Scope.PREFIX: "Choose the scope host, or write a start URL of this folder.",
    Scope.HOST: "Choose the scope domain, or write a start URL on this host.",
    Scope.DOMAIN: "Write a start URL on this domain.",
}
NAMED = 3  # roots that a sentence names


def scope_step(case: Case) -> Step:
    """Whether the address is in scope, and by which line."""
    scope, policy = case.scope, case.policy
    if scope.problem:
        change = Change("Mend the pattern in the seed; until then no run begins.", "include")
        return _shut("scope", Reason.BAD_PATTERN, f"Nothing is in scope: {scope.problem}", change)
    reach, roots = scope.reach(case.requested), ", ".join(case.roots[:NAMED])
    if reach is Reach.EXCLUDED:
        line = matching(policy.exclude, case.requested) or ""
        change = Change(f"Take the line “{line}” out of the excluded patterns, or narrow it.", "exclude")
        return _shut("scope", Code.EXCLUDED, f"The seed excludes it: “{line}”.", change, line=line)
    if reach is Reach.NOT_INCLUDED:
        change = Change("Add an included pattern that matches it.", "include")
        lines = list(policy.include)
        sentence = f"No included pattern matches it: {', '.join(f'“{line}”' for line in lines[:NAMED])}."
        return _shut("scope", Code.NOT_INCLUDED, sentence, change, lines=lines)
    if reach is Reach.BEYOND:
        change = Change(_WIDER[policy.scope], "scope")
        sentence = f"It is out of the seed's scope ({policy.scope}): {_REACH[policy.scope]} ({roots})."
        return _shut("scope", Code.OUT_OF_SCOPE, sentence, change, scope=policy.scope.value)
    facts = {"scope": policy.scope.value, "reach": reach.value}
    if reach is Reach.ROOT:
        return Step(name="scope", mark=Mark.YES, sentence="It is one of the seed's start URLs.", facts=facts)
    line = matching(policy.include, case.requested) or ""
    by = f", and by the included pattern “{line}”" if line else ""
    sentence = f"It is in the seed's scope ({policy.scope}), by {roots}{by}."
    return Step(name="scope", mark=Mark.YES, sentence=sentence, facts={**facts, "line": line})


def network_step(case: Case) -> Step | None:
    """Whether an address of a machine may be reached; None for names, which are looked up at each request."""
    try:
        checks.reachable(case.address, case.asking.allow_networks)
    except ValueError as error:
        change = Change("An administrator can write its network in the seed.", "allow_networks")
        return _shut("network", Reason.BLOCKED_ADDRESS, str(error), change)
    return None


def limits_step(case: Case, found: Found | None) -> Step:
    """Which limit turns the address away: by its URL, by its depth, or since the last run has enough."""
    run = case.crawl
    visited = run is not None and any(visit.run_id == run.pk for visit in case.visits)
    depth = 0 if case.is_start or case.is_sitemap else found.depth if found else 1
    turned: Counter[str] = Counter()
    # those that need the URL alone come first, from a run that has nothing yet
    for of_run in (Run(seed=case.seed), None if visited else run):
        if of_run is not None and not turned:
            pages_within(of_run, case.policy, [Candidate(case.link, depth)], turned)
    if turned:
        limit = Limit(next(iter(turned)))
        sentence = f"A limit of the seed leaves it out: {reason_words(limit)} ({_value(case, limit)})."
        return _shut(
            "limits", limit, sentence, raised(limit), depth=depth, limit=getattr(case.policy, limit, None)
        )
    sentence = "No limit of the seed leaves it out."
    return Step(name="limits", mark=Mark.YES, sentence=sentence, facts={"depth": depth})


def _value(case: Case, limit: Limit) -> str:
    return f"{limit} is {getattr(case.policy, limit):,}" if hasattr(case.policy, limit) else limit


def raised(limit: Limit) -> Change:
    """What to do about a limit."""
    if limit in (Limit.HOSTS, Limit.SITEMAPS):
        return Change("This limit is not a seed's choice: write the address as a start URL.", "start_urls")
    return Change(f"Raise {limit} in the seed, clear it, or write the address as a start URL.", limit.value)


def robots_step(case: Case) -> Step:
    """What robots.txt says, as far as it is kept: the line that decides."""
    host = case.host
    link = Link("host", host.pk) if host else None
    if not case.asking.obey_robots:
        reason = f" ({case.seed.robots_reason})" if case.seed.robots_reason else ""
        return Step(
            name="robots", mark=Mark.YES, sentence=f"The seed does not obey robots.txt{reason}.", link=link
        )
    if host is None or host.robots_fetched_at is None or case.robots is None:
        sentence = "robots.txt of its host was not read yet; it is read before the first request."
        return Step(name="robots", mark=Mark.UNKNOWN, sentence=sentence, link=link)
    facts: dict[str, Any] = {"agent": agent_token(case.agent)}
    facts["rule"] = case.robots.rule(case.requested, case.agent)
    facts |= {"status": host.robots_status, "read_at": host.robots_fetched_at}
    read = f"robots.txt, read {ago(host.robots_fetched_at, case.now)},"
    if case.robots.unreachable:
        if host.robots_reason in THE_HOST:
            return _host_not_reached(host, link, facts)
        answer = f"the server answered {host.robots_status}" if host.robots_status else "no answer"
        change = Change("Nothing in the seed: its host has to answer for robots.txt again.")
        sentence = f"robots.txt could not be read ({answer}), so nothing may be asked of this host."
        return _shut("robots", Reason.ROBOTS_UNREACHABLE, sentence, change, link=link, **facts)
    if not case.robots.allowed(case.requested, case.agent):
        change = Change(
            "The owner of the site may allow it. If they have allowed you, the seed can be told not to obey "
            "robots.txt, with the reason.",
            "obey_robots",
        )
        sentence = f"robots.txt forbids it: {facts['rule']}."
        return _shut("robots", Reason.ROBOTS, sentence, change, link=link, **facts)
    sentence = f"{read} allows it: {facts['rule'] or 'no line is about it'}."
    return Step(name="robots", mark=Mark.YES, sentence=sentence, facts=facts, link=link)


def _host_not_reached(host: Host, link: Link | None, facts: Mapping[str, Any]) -> Step:
    """robots.txt could not be asked for, and neither could any page: say what is wrong with the host."""
    detail = f": {host.robots_detail.rstrip('.')}" if host.robots_detail else ""
    why = f"{reason_words(host.robots_reason)}{detail}"
    sentence = f"Its host is not reached, not even for robots.txt: {why}."
    change = change_after(host.robots_reason, host_of(f"{host.origin}/"))
    return _shut("robots", host.robots_reason, sentence, change, link=link, **facts)


def _shut(
    name: str, code: str, sentence: str, change: Change, *, link: Link | None = None, **facts: Any
) -> Step:
    return Step(
        name=name, mark=Mark.NO, sentence=sentence, code=str(code), change=change, facts=facts, link=link
    )
