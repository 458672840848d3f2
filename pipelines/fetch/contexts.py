"""What a session knows of the runs it works for: policy, secrets, and the pages' last versions."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec
from django.conf import settings

from catalog.models import Page, Run, RunHost, Seed
from catalog.sealing import SealingError
from catalog.sql.bulk import rows_of
from crawler.outcomes import Reason, http_reason
from crawler.outlinks import VisitKind
from crawler.policy import CrawlPolicy
from crawler.requests.exchange import FetchRequest, FetchResult
from crawler.requests.headers import ETAG_LENGTH, LAST_MODIFIED_LENGTH, sendable, validator
from crawler.rules.patterns import BadPattern, Patterns
from crawler.rules.urls import origin_of
from crawler.seed_requests import SeedRequest, split_token, with_token
from pipelines.frontier.closed import of_closed_templates
from pipelines.frontier.window import Due
from pipelines.handover import Latest

log = logging.getLogger(__name__)

SAME_METHOD = (307, 308)
NOT_CARRIED_OUT = frozenset((Reason.DNS, Reason.CONNECT, Reason.TLS, http_reason(429)))


@dataclass(frozen=True)
class RunContext:
    """The fixed facts of one run that every request of it needs."""

    run_id: int
    seed_id: int
    policy: CrawlPolicy
    user_agent: str
    headers: tuple[tuple[str, str], ...] | None  # secrets; None: no key opens them
    header_origins: frozenset[str]  # the only origins that get the seed's headers
    rule_set_id: int | None  # None: no fields
    requests: Mapping[str, SeedRequest] = field(default_factory=dict)  # by their tokens
    file_pages: Patterns | None = None  # of collections; None: none names its pages

    def request(self, due: Due, last: LastVersion | None, cookie: str = "") -> FetchRequest:
        """The request for a visit, conditional when its page has a version.

        A seed that sends cookies of its own gets no others.
        """
        address, token = split_token(due.url)
        own = self.headers if self.headers and self._gets_headers(address) else ()
        if any(name.lower() == "cookie" for name, _ in own):
            cookie = ""
        if token:
            return self._with_body(address, self.requests[token], own, cookie)
        return FetchRequest(
            url=address,
            user_agent=self.user_agent,
            headers=own,
            allow_networks=self.policy.allow_networks,
            etag=last.etag if last else "",
            last_modified=last.last_modified if last else "",
            cookie=cookie,
            sitemap=due.kind == VisitKind.SITEMAP,
            files=self._wants_files(due),
        )

    def seed_request(self, url: str) -> SeedRequest | None:
        """The request that the seed gives for this URL of a visit; None for a GET."""
        return self.requests.get(split_token(url)[1])

    def _with_body(
        self, address: str, request: SeedRequest, secrets: tuple[tuple[str, str], ...], cookie: str
    ) -> FetchRequest:
        """A request that the seed gives. It has no condition: those are for GET (RFC 9110 section 13.2.1)."""
        replaced = {name.lower() for name, _ in secrets}
        own = [field for field in sendable(request.headers) if field[0].lower() not in replaced]
        return FetchRequest(
            url=address,
            user_agent=self.user_agent,
            headers=(*own, *secrets),
            allow_networks=self.policy.allow_networks,
            cookie=cookie,
            files=True,
            method=request.method,
            content=request.body.encode(),
            content_type=request.type,
            again=request.safe,
        )

    def followed(self, due: Due, result: FetchResult) -> FetchResult:
        """The result of a request of the seed's, as its visit goes on.

        307 and 308 keep the method and the body, other redirects make it a GET (RFC 9110 section 15.4).
        """
        _, token = split_token(due.url)
        if not token:
            return result
        if result.location is not None and result.status in SAME_METHOD:
            return msgspec.structs.replace(result, location=with_token(result.location, token))
        return result

    def is_once(self, due: Due, result: FetchResult) -> bool:
        """Whether a request may have been carried out and must not be made again (RFC 9110 section 9.2.2)."""
        request = self.seed_request(due.url)
        return request is not None and not request.safe and result.reason not in NOT_CARRIED_OUT

    def _wants_files(self, due: Due) -> bool:
        """PDF and spreadsheets are asked for where somebody named the address: they are large, and many.

        These are the start URLs, and the pages that a collection names.
        """
        named = self.file_pages is not None and self.file_pages.match(due.url)
        return due.depth == 0 or named

    def refusal(self, url: str, now: float) -> FetchResult | None:
        """The result of a visit that must not be made: without the headers that no key opens, or without the
        body that the seed no longer gives. Else None.
        """
        _, token = split_token(url)
        if token and token not in self.requests:
            detail = "the seed gives this request no longer"
            return FetchResult(url=url, reason=Reason.BAD_URL, started_at=now, detail=detail)
        if self.headers is not None or not self._gets_headers(url):
            return None
        return FetchResult(url=url, reason=Reason.SEALED_HEADERS, started_at=now)

    def _gets_headers(self, url: str) -> bool:
        return origin_of(url) in self.header_origins

    def wants_sitemaps(self, due: Due) -> bool:
        """Whether to read the sitemaps in robots.txt of this visit's host: yes for a start URL."""
        return self.policy.robots_sitemaps and due.depth == 0 and due.kind == VisitKind.PAGE


@dataclass(frozen=True, slots=True)
class LastVersion:
    """The page's last stored version, as far as it is needed to see that it has not changed."""

    digest: str
    etag: str
    last_modified: str
    read_again: int | None = None  # its id, if other rules than the run's have read its fields
    latest: Latest | None = None  # the version itself


class Contexts:
    """The runs of a session's visits, each loaded once: a run's policy never changes."""

    def __init__(self) -> None:
        self._runs: dict[int, RunContext] = {}

    def __getitem__(self, run_id: int) -> RunContext:
        return self._runs[run_id]

    def load(self, run_ids: Iterable[int]) -> None:
        """Read the runs not yet known."""
        missing = set(run_ids) - self._runs.keys()
        if missing:
            for run in Run.objects.filter(pk__in=missing).select_related("seed"):
                self._runs[run.pk] = _context(run)

    def of_hosts(self, host_ids: Sequence[int]) -> dict[int, list[RunContext]]:
        """The open runs that have visits on each host: their politeness counts for every request."""
        pairs = list(
            RunHost.objects.filter(host_id__in=host_ids, run__in=Run.objects.open()).values_list(
                "host_id", "run_id"
            )
        )
        self.load(run_id for _, run_id in pairs)
        runs: dict[int, list[RunContext]] = defaultdict(list)
        for host_id, run_id in pairs:
            runs[host_id].append(self._runs[run_id])
        return runs

    def closed(self, visits: Sequence[Due]) -> set[int]:
        """The ids of visits that are to be skipped, as their templates say nothing new."""
        run_ids = {due.run_id for due in visits}
        self.load(run_ids)
        return of_closed_templates(visits, {run_id: self._runs[run_id].policy for run_id in run_ids})

    def last_versions(self, visits: Sequence[Due]) -> dict[int, LastVersion]:
        """By visit id: the last version of its page, if it has one."""
        self.load(due.run_id for due in visits)
        pages = [due for due in visits if due.kind == VisitKind.PAGE]  # a sitemap is read in full
        known = _pages([(self._runs[due.run_id].seed_id, due.fingerprint) for due in pages])
        versions: dict[int, LastVersion] = {}
        for due in pages:
            run = self._runs[due.run_id]
            if page := known.get((run.seed_id, due.fingerprint)):
                versions[due.id] = page.version(run.rule_set_id)
        return versions


def _context(run: Run) -> RunContext:
    policy = run.policy
    return RunContext(
        run_id=run.pk,
        seed_id=run.seed_id,
        policy=policy,
        user_agent=policy.user_agent or settings.USER_AGENT,
        headers=_headers(run.seed),
        header_origins=frozenset(origin_of(url) for url in policy.addresses),
        requests={request.token: request for request in policy.requests},
        rule_set_id=run.rule_set_id,
        file_pages=_file_pages(policy),
    )


def _file_pages(policy: CrawlPolicy) -> Patterns | None:
    """The pages that collections name. Patterns that cannot be used name none."""
    patterns = [pattern for collection in policy.collections for pattern in collection.pages]
    try:
        return Patterns(patterns) if patterns else None
    except BadPattern:
        return None


def _headers(seed: Seed) -> tuple[tuple[str, str], ...] | None:
    """The seed's headers, opened. A seed that has none needs no key."""
    try:
        return sendable(seed.header_pairs())
    except SealingError as error:
        log.error("seed %d: its headers cannot be sent. %s", seed.pk, error)
        return None


class _Known(NamedTuple):
    """What the row of a page says of its last version."""

    latest_id: int
    rule_set_id: int | None
    digest: str
    etag: str
    last_modified: str
    content: int | None
    values_signature: int | None
    noise: int

    def version(self, rule_set_id: int | None) -> LastVersion:
        """For a run of this rule set."""
        same = rule_set_id is None or rule_set_id == self.rule_set_id
        valued = rule_set_id is None or self.values_signature is not None
        return LastVersion(
            self.digest,
            validator(self.etag, ETAG_LENGTH),  # a row of an older version may hold what cannot be sent
            validator(self.last_modified, LAST_MODIFIED_LENGTH),
            None if same else self.latest_id,
            Latest(self.latest_id, self.content, self.noise, same_rules=same and valued),
        )


def _pages(keys: list[tuple[int, int]]) -> dict[tuple[int, int], _Known]:
    """The last versions of pages by (seed, fingerprint)."""
    rows = (
        Page.objects.filter(pk__in=rows_of(Page, ("seed_id", "fingerprint"), keys))
        .exclude(latest=None)
        .values_list("seed_id", "fingerprint", *_Known._fields)
    )
    return {(seed_id, fingerprint): _Known(*version) for seed_id, fingerprint, *version in rows}
