"""Recrawl: fetching chosen pages again at once, however fresh they are and whatever the schedule says.

Each seed concerned gets a run of its own in the urgent lane. What is small is admitted at once, with the
run, in one transaction; what is large is written down as due, and who asks has it opened. A page is fetched
again for every seed that has it; a URL that no seed has, for every seed whose scope covers it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from catalog.models import Host, Page, Run, RunHost, Seed
from crawler.rules.keys import Keys
from crawler.rules.scope import ScopeRules
from crawler.rules.urls import host_of, origin_of, registrable_domain
from crawler.seeds.checks import usable
from pipelines.runs import create_run, recrawl_orders
from pipelines.runs.recrawl_orders import Order

MAX_URLS = 10_000  # that one request may name


@dataclass(frozen=True)
class Ordered:
    """A run and how many pages it is to fetch."""

    run: Run
    pages: int
    host_ids: frozenset[int] | None = None  # whose sessions are to be woken; None: it is still to be opened


@dataclass
class Recrawl:
    """What came of a request: a run for each seed concerned, a sentence for each URL that has none."""

    ordered: list[Ordered] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def recrawl_urls(urls: Collection[str], now: datetime, seed: Seed | None = None) -> Recrawl:
    """Order these URLs, of one seed or of all that have or cover them. Raises ValueError for too many."""
    if len(urls) > MAX_URLS:
        raise ValueError(f"{len(urls):,} URLs are too many: {MAX_URLS:,} can be fetched again at a time.")
    good, refused = usable("URL", urls)
    found = Recrawl(refused=refused)
    wanted: dict[Seed, list[str]] = defaultdict(list)
    for of_one_host in _by_origin(good).values():
        owners = _Owners([seed] if seed else _seeds_near(of_one_host[0]), of_one_host)
        for url in of_one_host:
            for owner in (mine := owners.of(url)):
                wanted[owner].append(url)
            if not mine:
                found.refused.append(_no_owner(url, seed))
    for owner, theirs in sorted(wanted.items(), key=lambda entry: entry[0].name):
        found.ordered.append(_order(owner, Order(urls=tuple(theirs)), len(theirs), now))
    return found


def recrawl_pages(pages: Iterable[Page], now: datetime) -> Recrawl:
    """Order these pages, each of its own seed. They must come with their seed and their latest version."""
    wanted: dict[Seed, list[str]] = defaultdict(list)
    for page in pages:
        wanted[page.seed].append(page.latest.final_url if page.latest else page.url)
    return Recrawl([_order(seed, Order(urls=tuple(urls)), len(urls), now) for seed, urls in wanted.items()])


def recrawl_seed(seed: Seed, now: datetime, origin: str | None = None) -> Recrawl:
    """Order all pages of a seed, or those on one host."""
    host_id = Host.objects.filter(origin=origin).values_list("pk", flat=True).first() if origin else None
    order = Order(host_id=host_id)
    pages = order.pages(seed.pk).count() if host_id or not origin else 0
    if not pages:
        return Recrawl(refused=[f"seed “{seed.name}” has no page yet{f' of {origin}' if origin else ''}"])
    return Recrawl([_order(seed, order, pages, now)])


def recrawl_host(origin: str, now: datetime) -> Recrawl:
    """Order all pages of a host (``scheme://host:port``), of every seed that has some."""
    on_it = Page.objects.filter(seed=OuterRef("pk"), host__origin=origin)
    found = Recrawl()
    for seed in Seed.objects.alive().filter(Exists(on_it)):
        found.ordered += recrawl_seed(seed, now, origin).ordered
    if not found.ordered:
        found.refused.append(f"no seed has a page of {origin}")
    return found


def _order(seed: Seed, order: Order, pages: int, now: datetime) -> Ordered:
    """Write down a run, and open it if it is small; its slot is this moment, or the next free one."""
    slot = now
    with transaction.atomic():
        while (run := create_run(seed, Run.Kind.RECRAWL, slot, now)) is None:
            slot += timedelta(microseconds=1)
        recrawl_orders.write(run, order, now)
        run.save(update_fields=recrawl_orders.WRITTEN)
        if pages >= recrawl_orders.PART:
            return Ordered(run, pages)
        host_ids = recrawl_orders.open_ordered(run, now)
        run.refresh_from_db()
    return Ordered(run, pages, frozenset(host_ids))


def _no_owner(url: str, seed: Seed | None) -> str:
    if seed is None:
        return f"{url} belongs to no seed: none has it, and it is in the scope of none"
    return (
        f"{url} does not belong to seed “{seed.name}”: it has no such page, and its scope does not cover it"
    )


def _by_origin(urls: Iterable[str]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = defaultdict(list)
    for url in urls:
        grouped[origin_of(url)].append(url)
    return grouped


def _seeds_near(url: str) -> list[Seed]:
    """The seeds that may have or cover a URL: they begin at its domain, or have been on its host."""
    runs = RunHost.objects.filter(run__seed=OuterRef("pk"), host__origin=origin_of(url))
    pages = Page.objects.filter(seed=OuterRef("pk"), host__origin=origin_of(url))
    domain = registrable_domain(host_of(url))
    near = Q(start_urls__icontains=domain) | Exists(runs) | Exists(pages)
    return list(Seed.objects.alive().filter(near))


class _Owners:
    """Which of some seeds have or cover the URLs of one host."""

    def __init__(self, seeds: Sequence[Seed], urls: Sequence[str]) -> None:
        self._having: dict[str, list[Seed]] = defaultdict(list)
        self._covering = []
        for seed in seeds:
            policy = seed.policy()
            self._covering.append((seed, ScopeRules(policy, recrawl_orders.roots_of(seed))))
            keys = Keys.of(policy)
            prints = {url: keys.link(url).fingerprint for url in urls}
            pages = Page.objects.filter(seed=seed, fingerprint__in=list(prints.values()))
            known = set(pages.values_list("fingerprint", flat=True))
            for url, fingerprint in prints.items():
                if fingerprint in known:
                    self._having[url].append(seed)

    def of(self, url: str) -> list[Seed]:
        """The seeds that have it, else those whose scope covers it."""
        covering = (seed for seed, rules in self._covering if rules.refusal(url) is None)
        return self._having.get(url) or list(covering)
