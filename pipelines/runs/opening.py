"""Creating runs and opening them: their policies are frozen, their start URLs admitted.

Many runs are opened in one transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec
from django.db import transaction

from catalog.models import Run, Seed
from catalog.sealing import SealingError
from catalog.sql.bulk import update_each
from crawler.lanes import Lane, lane_of, rank_of
from crawler.outcomes import Reason
from crawler.policy import CrawlPolicy
from crawler.requests.headers import sendable
from crawler.rules.keys import Keys
from crawler.rules.scope import ScopeRules
from crawler.seed_requests import SeedRequest, with_token
from crawler.seeds.checks import usable
from pipelines.frontier.admit import Candidate, admit_all
from pipelines.runs import recrawl_orders
from pipelines.runs.recrawl_orders import Order
from pipelines.runs.rule_sets import give_rule_sets, pinned
from pipelines.runs.states import settle_run


def create_run(seed: Seed, kind: Run.Kind, slot: datetime, now: datetime) -> Run | None:
    """Create the row of a due run; None if this slot has its row already.

    A run that people ask for by hand goes to the urgent lane, every other to the seed's.
    """
    urgent = kind in {Run.Kind.MANUAL, Run.Kind.RECRAWL}
    rank = rank_of(Lane.URGENT if urgent else seed.lane, seed.priority)
    run, created = Run.objects.get_or_create(
        seed=seed, kind=kind, slot=slot, defaults={"rank": rank, "created_at": now}
    )
    return run if created else None


def create_recrawl(seed: Seed, order: Order, now: datetime, *, reason: str = "") -> Run:
    """Create the row of a due recrawl; its slot is ``now``, or the next free microsecond.

    In a transaction of the caller. One with a ``reason`` goes to the seed's lane: nobody waits for it.
    """
    slot = now
    while (run := create_run(seed, Run.Kind.RECRAWL, slot, now)) is None:
        slot += timedelta(microseconds=1)
    if reason:
        run.reason, run.rank = reason, rank_of(seed.lane, seed.priority)
    recrawl_orders.write(run, order, now)
    run.save(update_fields=[*recrawl_orders.WRITTEN, "reason", "rank"])
    return run


def start_run(run: Run, now: datetime) -> set[int]:
    """Open a due run: freeze the seed's policy, admit its start URLs; returns the hosts with work.

    Start URLs that cannot be used become warnings; without a good one the run ends with ``bad_url``, and
    with ``bad_pattern`` if a pattern cannot be used: it might go too far without that. A recrawl admits the
    URLs of its order instead. A run that is not due, or no longer, is left as it is.
    """
    if run.kind == Run.Kind.RECRAWL:
        return recrawl_orders.open_ordered(run, now) | settle_run(run.pk, now)
    return set().union(*open_runs([run.pk], now).values())


_SAVED = [
    "state", "reason", "policy_json", "rule_set", "roots", "started_at", "finished_at", "discovered",
    "limits", "warnings",
]  # fmt: skip


def open_runs(run_ids: Collection[int], now: datetime) -> dict[Lane, set[int]]:
    """Open the runs that are due, but no recrawls; returns the hosts with work.

    Start URLs that cannot be used become warnings; without a good one a run ends with ``bad_url``.
    """
    with transaction.atomic():
        locked = Run.objects.select_for_update(of=("self",)).select_related("seed")
        due = locked.filter(pk__in=run_ids, state=Run.State.DUE).exclude(kind=Run.Kind.RECRAWL).order_by("pk")
        frozen = [(run, _freeze(run, now)) for run in due]
        give_rule_sets(frozen, now)
        admitted = admit_all([(run, _first_candidates(run, policy)) for run, policy in frozen], now)
        for run, _ in frozen:
            run.limits = dict(admitted[run.pk].limits)
        update_each([run for run, _ in frozen], _SAVED)
    hosts: dict[Lane, set[int]] = defaultdict(set)
    for run, _ in frozen:
        hosts[lane_of(run.rank)] |= admitted[run.pk].host_ids
    return hosts


def _freeze(run: Run, now: datetime) -> CrawlPolicy:
    """Write the seed's policy on its run; returns it, with only the addresses that can be used."""
    policy = pinned(run.seed.policy())
    start_urls, warnings = usable("start URL", policy.start_urls)
    sitemaps, more_warnings = usable("sitemap", policy.sitemaps)
    requests, of_requests = _usable_requests(policy)
    frozen = msgspec.structs.replace(
        policy, start_urls=tuple(start_urls), sitemaps=tuple(sitemaps), requests=requests
    )
    run.policy_json = frozen.plain()
    run.roots = list(frozen.addresses)
    run.warnings = [*warnings, *more_warnings, *of_requests, *_never_sent(run.seed)]
    run.started_at = now
    run.state = Run.State.OPEN
    problem = ScopeRules(frozen, run.roots).problem
    if problem or not run.roots:
        run.state, run.finished_at = Run.State.FINISHED, now
        run.reason = Reason.BAD_PATTERN if problem else Reason.BAD_URL
        run.warnings += [problem] if problem else []
    return frozen


def _usable_requests(policy: CrawlPolicy) -> tuple[tuple[SeedRequest, ...], list[str]]:
    """The requests with their addresses as they will be asked, and a sentence for each other one."""
    requests, problems = [], []
    for request in policy.requests:
        urls, wrong = usable("request", [request.url])
        requests += [msgspec.structs.replace(request, url=url) for url in urls]
        problems += wrong
    return tuple(requests), problems


def _never_sent(seed: Seed) -> list[str]:
    """A sentence for each header of a seed that no request may hold: its row was written without checks."""
    try:
        pairs = seed.header_pairs()
    except SealingError as error:
        return [f"The seed's headers cannot be sent. {error}"]
    sent = sendable(pairs)
    return [f"the header {name!r} is not sent" for name, value in pairs if (name, value) not in sent]


def _first_candidates(run: Run, policy: CrawlPolicy) -> list[Candidate]:
    """The sitemaps that the seed names, and the start URLs; nothing for a run that has ended already."""
    if run.state == Run.State.FINISHED:
        return []
    keys = Keys.of(policy)
    sitemaps = map(keys.sitemap, policy.sitemaps)
    pages = map(keys.link, policy.start_urls)
    requests = [keys.link(with_token(request.url, request.token)) for request in policy.requests]
    return [Candidate(link, depth=0) for link in [*sitemaps, *pages, *requests]]
