"""The seeds that a URL belongs to: those that have it as a page, else those whose scope covers it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from django.db.models import Exists, OuterRef, Q

from catalog.models import Page, RunHost, Seed
from crawler.rules.keys import Keys
from crawler.rules.scope import ScopeRules
from crawler.rules.urls import host_of, origin_of, registrable_domain
from pipelines.runs import recrawl_orders


def owners_of(urls: Iterable[str], seed: Seed | None = None) -> Iterator[tuple[str, list[Seed]]]:
    """Each URL with the seeds that it belongs to; with ``seed``, with that seed or none."""
    for of_one_host in _by_origin(urls).values():
        owners = _Owners([seed] if seed else _seeds_near(of_one_host[0]), of_one_host)
        for url in of_one_host:
            yield url, owners.of(url)


def _by_origin(urls: Iterable[str]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = defaultdict(list)
    for url in urls:
        grouped[origin_of(url)].append(url)
    return grouped


def _seeds_near(url: str) -> list[Seed]:
    """The seeds that may have or cover a URL: they name its domain in a start URL, or know its host."""
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
            stored = set(pages.values_list("fingerprint", flat=True))
            for url, fingerprint in prints.items():
                if fingerprint in stored:
                    self._having[url].append(seed)

    def of(self, url: str) -> list[Seed]:
        """The seeds that have it, else those whose scope covers it."""
        covering = (seed for seed, rules in self._covering if rules.covers(url))
        return self._having.get(url) or list(covering)
