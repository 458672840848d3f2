"""The order of a recrawl: written on its run while that is due, admitted in parts when it opens.

Only the URLs of the order are visited: no link is followed and no sitemap read. The seed's headers and the
scope of redirects are the same as in every run of the seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db import transaction
from django.db.models import QuerySet

from catalog.models import Page, Run, Seed
from crawler.rules.keys import Keys
from crawler.rules.scope import ScopeRules
from crawler.seeds.checks import usable
from pipelines.frontier.admit import Candidate, admit
from pipelines.runs.rule_sets import give_rule_sets, pinned

PART = 1000  # URLs a transaction admits
OUTSIDE = (
    "Pages outside the seed's scope are not fetched again: the seed may reach private networks, and its "
    "scope says where."
)
_KEY = "recrawl"  # in Run.policy_json until the run opens


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
    """These URLs; without any, every page of the seed, or those on one host."""

    urls: tuple[str, ...] = ()
    host_id: int | None = None

    def pages(self, seed_id: int) -> QuerySet[Page]:
        """The pages of an order without URLs."""
        pages = Page.objects.filter(seed=seed_id)
        return pages if self.host_id is None else pages.filter(host=self.host_id)


WRITTEN = ["policy_json", "rule_set", "roots"]  # columns of a run


def write(run: Run, order: Order, now: datetime) -> None:
    """Put an order, with the policy that it freezes, on a due run; the caller saves :data:`WRITTEN`."""
    policy = pinned(run.seed.policy())
    own, _ = usable("start URL", policy.start_urls)
    bounded = msgspec.structs.replace(
        policy,
        start_urls=tuple(own),  # whose origins get the seed's headers
        sitemaps=(),
        robots_sitemaps=False,
        max_depth=0,
        max_pages=None,
        max_seconds=None,
        max_pages_per_host=None,
    )
    run.policy_json = {**bounded.plain(), _KEY: msgspec.to_builtins(order)}
    run.roots = roots_of(run.seed)
    give_rule_sets([(run, bounded)], now)


def read(run: Run) -> Order:
    """The order of a due run."""
    return msgspec.convert(run.policy_json[_KEY], Order)


def roots_of(seed: Seed) -> list[str]:
    """Where the seed's runs begin, with the redirect targets of its last crawl."""
    policy = seed.policy()
    own, _ = usable("start URL", policy.start_urls)
    last = seed.runs.exclude(started_at=None).exclude(kind=Run.Kind.RECRAWL).order_by("-pk").first()
    if last is None or list(last.policy.start_urls) != own:
        return usable("start URL", policy.addresses)[0]
    return list(last.roots)


def open_ordered(run: Run, now: datetime) -> set[int]:
    """Open a due recrawl; returns the hosts with work. The caller settles the run, to queue its held visits.

    All parts but the last are admitted as held visits. So the run cannot end before all are admitted, and the
    sweep opens it again after an interruption. A run that is not due, or no longer, is left as it is.
    """
    at = 0
    while True:
        with transaction.atomic():
            due = Run.objects.select_for_update().filter(pk=run.pk, state=Run.State.DUE).first()
            if due is None:
                return set()
            urls, at = _part(read(due), due.seed_id, at)
            last = len(urls) < PART
            host_ids = _admit(due, urls, now, last=last)
        if last:
            return host_ids


def _part(order: Order, seed_id: int, at: int) -> tuple[Sequence[str], int]:
    """The next URLs and where to go on: a position in the list, or the key of a page.

    A page is requested by the URL of its latest version; its own URL is only our canonical form.
    """
    if order.urls:
        return order.urls[at : at + PART], at + PART
    pages = order.pages(seed_id).filter(pk__gt=at).order_by("pk")
    rows = list(pages.values_list("pk", "url", "latest__final_url")[:PART])
    return [final or url for _, url, final in rows], rows[-1][0] if rows else at


def _allowed(run: Run, urls: Sequence[str]) -> Sequence[str]:
    """All URLs; if the seed may reach private networks, only those that its scope covers now.

    It may have pages from before that was allowed, and their hosts may have moved into such a network since.
    """
    if not run.policy.allow_networks:
        return urls
    rules = ScopeRules(run.policy, run.roots)
    kept = [url for url in urls if rules.covers(url)]
    if len(kept) < len(urls) and OUTSIDE not in run.warnings:
        run.warnings = [*run.warnings, OUTSIDE]
    return kept


def _admit(run: Run, urls: Sequence[str], now: datetime, *, last: bool) -> set[int]:
    if last:
        run.policy_json = {name: value for name, value in run.policy_json.items() if name != _KEY}
        run.state, run.started_at = Run.State.OPEN, now
    links = map(Keys.of(run.policy).link, _allowed(run, urls))
    admitted = admit(run, [Candidate(link, depth=0) for link in links], now)
    if last and not run.discovered:  # its pages were pruned meanwhile
        run.state, run.finished_at = Run.State.FINISHED, now
    run.save()
    return admitted.host_ids
