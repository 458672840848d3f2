"""The limits of a run at admission: each turns candidates away and is named with their number.

URLs that people wrote (depth 0) are bound by the page limit only. The run must be locked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from catalog.models import Run, RunHost, RunTemplate, Visit
from crawler.outcomes import Limit
from crawler.outlinks import VisitKind
from crawler.policy import CrawlPolicy, Scope
from crawler.rules.keys import Keys
from crawler.rules.traps import most_repeated
from pipelines.frontier.candidates import Candidate

MAX_HOSTS = 10_000  # hosts of one run of a domain: whoever has the domain may make up their names
MAX_SITEMAPS = 5000  # sitemap files of one run: an index may name 50,000, and other indexes

Turned = Counter[str]
_Test = Callable[[Candidate], bool]


def sitemaps_within(run: Run, sitemaps: Sequence[Candidate], turned: Turned) -> list[Candidate]:
    """The sitemaps that fit the number that a run reads."""
    if run.discovered + len(sitemaps) <= MAX_SITEMAPS:
        return list(sitemaps)
    room = MAX_SITEMAPS - Visit.objects.filter(run=run, kind=VisitKind.SITEMAP).count()
    return _cut(run, sitemaps, room, Limit.SITEMAPS, turned)


def pages_within(run: Run, policy: CrawlPolicy, pages: list[Candidate], turned: Turned) -> list[Candidate]:
    """The pages that no limit of the policy turns away."""
    for limit, passes in _tests(run, policy).items():
        kept = [page for page in pages if not page.depth or passes(page)]
        if len(kept) < len(pages):
            turned[limit] += len(pages) - len(kept)
        pages = kept
    if policy.scope is Scope.DOMAIN and run.discovered + len(pages) > MAX_HOSTS:
        pages = _within_number_of_hosts(run, pages, turned)
    if policy.max_pages_per_host is not None and run.discovered + len(pages) > policy.max_pages_per_host:
        pages = _within_hosts(run, pages, policy.max_pages_per_host, turned)
    if policy.max_pages is not None and run.discovered + len(pages) > policy.max_pages:
        pages = _cut(run, pages, policy.max_pages - _pages(run), Limit.PAGES, turned)
    return pages


def _tests(run: Run, policy: CrawlPolicy) -> dict[Limit, _Test]:
    """The limits that need only the URL. Templates are looked up only if the run has closed one."""
    tests: dict[Limit, _Test] = {}
    if (depth := policy.max_depth) is not None:
        tests[Limit.DEPTH] = lambda page: page.depth <= depth
    if (length := policy.max_url_length) is not None:
        tests[Limit.URL_LENGTH] = lambda page: len(page.outlink.url) <= length
    if (times := policy.max_repeated_segments) is not None:
        tests[Limit.REPEATED_SEGMENTS] = lambda page: most_repeated(page.outlink.url) <= times
    if policy.max_same_text is not None and Limit.SAME_TEXT in run.limits:
        closed = set(RunTemplate.objects.filter(run=run, closed=True).values_list("template", flat=True))
        if closed:
            keys = Keys.of(policy)
            tests[Limit.SAME_TEXT] = lambda page: closed.isdisjoint(keys.templates(page.outlink.url))
    return tests


def _within_number_of_hosts(run: Run, pages: list[Candidate], turned: Turned) -> list[Candidate]:
    """The pages on hosts that the run has already, and on as many others as there is room for."""
    origins = list(dict.fromkeys(page.outlink.origin for page in pages))
    of_run = RunHost.objects.filter(run=run)
    known = set(of_run.filter(host__origin__in=origins).values_list("host__origin", flat=True))
    unknown = [origin for origin in origins if origin not in known]
    if unknown:
        known.update(unknown[: max(0, MAX_HOSTS - of_run.count())])
    kept = [page for page in pages if not page.depth or page.outlink.origin in known]
    if len(kept) < len(pages):
        turned[Limit.HOSTS] += len(pages) - len(kept)
    return kept


def _within_hosts(run: Run, pages: list[Candidate], limit: int, turned: Turned) -> list[Candidate]:
    """The pages that fit the number of URLs that a run takes of one host."""
    by_origin: dict[str, list[Candidate]] = defaultdict(list)
    for page in pages:
        by_origin[page.outlink.origin].append(page)
    used = dict(
        RunHost.objects.filter(run=run, host__origin__in=list(by_origin)).values_list(
            "host__origin", "discovered"
        )
    )
    kept: list[Candidate] = []
    for origin, on_host in by_origin.items():
        kept += [page for page in on_host if not page.depth]
        links = [page for page in on_host if page.depth]
        kept += _cut(run, links, limit - used.get(origin, 0), Limit.PAGES_PER_HOST, turned)
    return kept


def _pages(run: Run) -> int:
    """Pages stored, unchanged or still to come, without sitemaps and visits that ended in another way."""
    coming = run.discovered - run.redirected - run.failed - run.skipped
    sitemaps = Visit.objects.filter(run=run, kind=VisitKind.SITEMAP).exclude(state=Visit.State.DONE).count()
    return coming - sitemaps


def _cut(
    run: Run, candidates: Sequence[Candidate], room: int, limit: Limit, turned: Turned
) -> list[Candidate]:
    """As many new URLs as there is room for; URLs that the run has already take no room."""
    room = max(0, room)
    if len(candidates) <= room:
        return list(candidates)
    fingerprints = [candidate.outlink.fingerprint for candidate in candidates]
    known = set(
        Visit.objects.filter(run=run, fingerprint__in=fingerprints).values_list("fingerprint", flat=True)
    )
    unknown = [candidate for candidate in candidates if candidate.outlink.fingerprint not in known]
    if len(unknown) > room:
        turned[limit] += len(unknown) - room
    return unknown[:room]
