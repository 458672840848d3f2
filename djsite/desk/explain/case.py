"""All that is kept of one address for one seed: read once, for the steps to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import attrgetter

from django.conf import settings

from catalog.models import Attempt, Host, Page, Run, Seed, Visit
from crawler.outlinks import Outlink
from crawler.policy import CrawlPolicy
from crawler.rules.keys import Keys
from crawler.rules.robots import Robots
from crawler.rules.scope import ScopeRules
from crawler.rules.urls import BadUrl, resolve
from crawler.seed_requests import with_token
from djsite.desk.hosts.words import robots_of
from djsite.desk.read.pages import RUNS
from pipelines.runs import recrawl_orders

VISITS = 10  # that are told of


@dataclass(frozen=True)
class Case:
    """One address and one seed. The seed's rules are those that its next run will have."""

    address: str
    seed: Seed
    now: datetime

    @cached_property
    def policy(self) -> CrawlPolicy:
        return self.seed.policy()

    @cached_property
    def keys(self) -> Keys:
        return Keys.of(self.policy)

    @cached_property
    def link(self) -> Outlink:
        return self.keys.link(self.address)

    @cached_property
    def canonical(self) -> str:
        return self.keys.canonical(self.address)

    @cached_property
    def roots(self) -> list[str]:
        return recrawl_orders.roots_of(self.seed)

    @cached_property
    def scope(self) -> ScopeRules:
        return ScopeRules(self.policy, self.roots)

    @property
    def seems_covered(self) -> bool:
        """Whether it is in scope, as far as the start URLs say without their redirects; needs no query."""
        return ScopeRules(self.policy, self.policy.addresses).covers(self.address)

    @cached_property
    def asking(self) -> CrawlPolicy:
        """The policy by which it is asked: of the run that it waits in, else of the seed."""
        return self.waiting.run.policy if self.waiting else self.policy

    @cached_property
    def agent(self) -> str:
        return self.asking.user_agent or settings.USER_AGENT

    @cached_property
    def is_start(self) -> bool:
        """Whether a person wrote the address: as a start URL, or as that of a request."""
        return any(self._is_here(url) for url in self.policy.addresses)

    @cached_property
    def is_sitemap(self) -> bool:
        """Whether the seed names it as a sitemap."""
        return any(self._is_here(url) for url in self.policy.sitemaps)

    def _is_here(self, url: str) -> bool:
        try:
            return self.keys.canonical(resolve(url)) == self.canonical
        except BadUrl:
            return False

    @cached_property
    def fingerprints(self) -> list[int]:
        """By which it may have been visited: as a page, as a sitemap, by requests with a body."""
        requests = [request for request in self.policy.requests if self._is_here(request.url)]
        links = [self.keys.link(with_token(self.address, request.token)) for request in requests]
        return [link.fingerprint for link in [self.link, self.keys.sitemap(self.address), *links]]

    @cached_property
    def host(self) -> Host | None:
        return Host.objects.filter(origin=self.link.origin).first()

    @cached_property
    def robots(self) -> Robots | None:
        return robots_of(self.host) if self.host else None

    @cached_property
    def page(self) -> Page | None:
        pages = Page.objects.filter(seed=self.seed, fingerprint__in=self.fingerprints)
        whole = pages.select_related("latest").defer("latest__text_zstd", "latest__outlinks_zstd")
        return min(whole, key=attrgetter("pk"), default=None)  # in the order of keys SQLite goes through all

    @cached_property
    def runs(self) -> list[int]:
        """The last runs that may have visited it, newest first."""
        runs = Run.objects.filter(seed=self.seed, state__in=[*Run.LIVE, Run.State.FINISHED])
        return list(runs.order_by("-pk").values_list("pk", flat=True)[:RUNS])

    @cached_property
    def crawl(self) -> Run | None:
        """The last run that followed links, going or over."""
        crawls = Run.objects.started().filter(seed=self.seed).exclude(kind=Run.Kind.RECRAWL)
        return crawls.order_by("-pk").first()

    @cached_property
    def visits(self) -> list[Visit]:
        """Its last visits, newest first. A run has one for each fingerprint, so sorting here is cheap."""
        visits = Visit.objects.filter(run__in=self.runs, fingerprint__in=self.fingerprints)
        whole = visits.select_related("run").defer("run__policy_json", "run__roots")
        return sorted(whole, key=attrgetter("pk"), reverse=True)[:VISITS]

    @cached_property
    def waiting(self) -> Visit | None:
        """The visit that has not ended."""
        return next((visit for visit in self.visits if visit.state != Visit.State.DONE), None)

    @cached_property
    def last(self) -> Visit | None:
        """The last visit that has ended."""
        return next((visit for visit in self.visits if visit.state == Visit.State.DONE), None)

    @cached_property
    def attempts(self) -> list[Attempt]:
        """The tries of the visit that is told of, newest first."""
        visit = self.waiting or self.last
        return list(visit.tries.order_by("-number")) if visit and visit.attempts else []

    @property
    def requested(self) -> str:
        """The address as it is, or was, asked for: robots.txt and the patterns look at this spelling."""
        visit = self.waiting or self.last
        return visit.url if visit else self.address
