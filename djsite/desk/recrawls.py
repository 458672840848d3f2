"""Recrawls: fetching chosen pages again at once, however fresh they are and whatever the schedule says.

Each seed gets a run of its own in the urgent lane. A small run is opened at once, in the transaction that
creates it, and fetch sessions are woken; a large one is saved as due, and a worker opens it.
A page is fetched again for every seed that has it; a URL that no seed has, for every seed whose scope covers
it. Not to be called within a transaction. If it is interrupted, the sweep goes on with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from catalog.models import Host, Page, Run, Seed
from crawler.lanes import Lane
from crawler.seeds.checks import usable
from djsite.desk.owners import owners_of
from pipelines.runs import create_recrawl, recrawl_orders
from pipelines.runs.recrawl_orders import Order
from scheduler import dispatch
from scheduler.wakeups import wake

MAX_URLS = 10_000  # in one request, at most


@dataclass(frozen=True)
class OrderedRun:
    """A run and how many pages it is to fetch."""

    run: Run
    pages: int
    host_ids: frozenset[int] | None = None  # to be woken; None: a worker opens the run


@dataclass
class Recrawl:
    """The result of a request: a run for each seed concerned, a sentence for each URL that has none."""

    ordered: list[OrderedRun] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def recrawl_urls(urls: Collection[str], now: datetime, seed: Seed | None = None) -> Recrawl:
    """Fetch these URLs again, of one seed or of all that have or cover them.

    Raises:
        ValueError: there are more than :data:`MAX_URLS`.
    """
    if len(urls) > MAX_URLS:
        raise ValueError(f"{len(urls):,} URLs are too many: {MAX_URLS:,} can be fetched again at a time.")
    good, refused = usable("URL", urls)
    recrawl = Recrawl(refused=refused)
    urls_of: dict[Seed, list[str]] = defaultdict(list)
    for url, owners in owners_of(good, seed):
        for owner in owners:
            urls_of[owner].append(url)
        if not owners:
            recrawl.refused.append(_no_owner(url, seed))
    for owner, pages in sorted(urls_of.items(), key=lambda entry: entry[0].name):
        recrawl.ordered.append(_order(owner, Order(urls=tuple(pages)), len(pages), now))
    return _begin(recrawl)


def recrawl_page(page: Page, now: datetime) -> Recrawl:
    """Fetch a page again, by the URL that gave its latest version."""
    url = page.latest.final_url if page.latest else page.url
    return _begin(Recrawl([_order(page.seed, Order(urls=(url,)), 1, now)]))


def recrawl_unless(seed: Seed, url: str, now: datetime, is_needless: Callable[[], bool]) -> OrderedRun | None:
    """Fetch a URL of a seed again, unless that is needless; for a seed one call at a time finds out."""
    with transaction.atomic():
        Seed.objects.select_for_update(no_key=True).get(pk=seed.pk)
        if is_needless():
            return None
        ordered = _order(seed, Order(urls=(url,)), 1, now)
    _begin(Recrawl([ordered]))
    return ordered


def recrawl_seed(seed: Seed, now: datetime, origin: str | None = None) -> Recrawl:
    """Fetch all pages of a seed again, or those on one host, without looking for new ones."""
    ordered = _order_pages(seed, now, origin)
    if ordered is None:
        return Recrawl(refused=[f"seed “{seed.name}” has no page yet{f' of {origin}' if origin else ''}"])
    return _begin(Recrawl([ordered]))


def recrawl_host(origin: str, now: datetime) -> Recrawl:
    """Fetch all pages of a host (``scheme://host:port``) again, of every seed that has some."""
    pages = Page.objects.filter(seed=OuterRef("pk"), host__origin=origin)
    seeds = Seed.objects.alive().filter(Exists(pages))
    ordered = [run for seed in seeds if (run := _order_pages(seed, now, origin))]
    if not ordered:
        return Recrawl(refused=[f"no seed has a page of {origin}"])
    return _begin(Recrawl(ordered))


def _order_pages(seed: Seed, now: datetime, origin: str | None) -> OrderedRun | None:
    """Order all pages of a seed, or those on one host; None when there are none."""
    host_id = Host.objects.filter(origin=origin).values_list("pk", flat=True).first() if origin else None
    order = Order(host_id=host_id)
    pages = order.pages(seed.pk).count() if host_id or not origin else 0
    return _order(seed, order, pages, now) if pages else None


def _order(seed: Seed, order: Order, pages: int, now: datetime) -> OrderedRun:
    """Create a run, and open it if it is small."""
    with transaction.atomic():
        run = create_recrawl(seed, order, now)
        if pages >= recrawl_orders.PART:
            return OrderedRun(run, pages)
        host_ids = recrawl_orders.open_ordered(run, now)
        run.refresh_from_db()
    return OrderedRun(run, pages, frozenset(host_ids))


def _begin(recrawl: Recrawl) -> Recrawl:
    """Wake the sessions; have workers open the runs that are too large to be opened here."""
    admitted = [ordered.host_ids for ordered in recrawl.ordered if ordered.host_ids is not None]
    wake({Lane.URGENT: frozenset[int]().union(*admitted)})
    for ordered in recrawl.ordered:
        if ordered.host_ids is None:
            dispatch.open_run(ordered.run)
    return recrawl


def _no_owner(url: str, seed: Seed | None) -> str:
    if seed is None:
        return f"{url} belongs to no seed: none has it, and it is in the scope of none"
    return (
        f"{url} does not belong to seed “{seed.name}”: it has no such page, and its scope does not cover it"
    )
