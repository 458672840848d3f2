"""The frozen values that travel between the stages of the path, and the enums stored on rows.

Everything here is plain data (msgspec structs encode to msgpack or JSON); the words are those of
``docs/glossary.md``. Numbers of an enum are stored in the database: never renumber one.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence

import msgspec


class Lane(enum.IntEnum):
    """Priority class of work. Lower is served first; each lane has Celery queues of its own."""

    URGENT = 0
    NORMAL = 1
    BULK = 2

    @property
    def label(self) -> str:
        return self.name.lower()


class Scope(enum.StrEnum):
    """Which URLs belong to a seed, measured from its start URLs."""

    PAGE = "page"  # the start URLs alone
    PREFIX = "prefix"  # same origin, path below the start URL's last slash
    HOST = "host"  # same host name, http or https, default ports
    DOMAIN = "domain"  # same registrable domain (public suffix list)


class Outcome(enum.IntEnum):
    """How a visit ended. A run's ``discovered`` is the sum of these when it closes."""

    STORED = 1
    UNCHANGED = 2
    REDIRECTED = 3
    FAILED = 4
    SKIPPED = 5

    @property
    def label(self) -> str:
        return self.name.lower()


class VisitKind(enum.IntEnum):
    """What a visit is after."""

    PAGE = 0
    SITEMAP = 1  # a sitemap or feed: read for the URLs that it lists, never kept as a page


class Limit(enum.StrEnum):
    """What turned links away; a run names those that acted, with the number of links (docs/outcomes.md)."""

    DEPTH = "max_depth"
    PAGES = "max_pages"
    URL_LENGTH = "max_url_length"
    REPEATED_SEGMENTS = "max_repeated_segments"
    PAGES_PER_HOST = "max_pages_per_host"
    SAME_TEXT = "max_same_text"
    SITEMAPS = "max_sitemaps"


class Reason(enum.StrEnum):
    """Why a visit is not stored; the codes are documented in ``docs/outcomes.md``.

    An HTTP status that is no page has the reason ``http_<status>`` (see :func:`http_reason`),
    which is why columns hold plain strings and this enum the named ones.
    """

    ROBOTS = "robots"
    ROBOTS_UNREACHABLE = "robots_unreachable"
    SCOPE = "scope"
    NOINDEX = "noindex"
    SITEMAP = "sitemap"  # it was read for its links, as it should be
    STOPPED = "stopped"  # the run was stopped before this visit began
    MAX_PAGES = "max_pages"
    MAX_DURATION = "max_duration"
    BLOCKED_ADDRESS = "blocked_address"
    BAD_URL = "bad_url"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    READ = "read"  # the connection broke or the body ended early
    BAD_RESPONSE = "bad_response"  # not HTTP, or framing that must be refused
    DECODING = "decoding"  # content coding unknown, nested too deep, or corrupt
    TOO_LARGE = "too_large"
    CONTENT_TYPE = "content_type"
    REDIRECT_LOOP = "redirect_loop"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    BAD_REDIRECT = "bad_redirect"  # a redirect without a usable http(s) target
    PARSER_KILLED = "parser_killed"  # quarantined: this page killed its parser
    INTERNAL_ERROR = "internal_error"


def http_reason(status: int) -> str:
    """The reason of a response whose status makes it no page, e.g. ``http_404``."""
    return f"http_{status}"


class FieldRule(msgspec.Struct, frozen=True):
    """One extracted field: ``css`` may end in ``::text`` or ``::attr(name)`` (parsel's meaning)."""

    name: str
    css: str


class CrawlPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What a seed asks for, frozen into a run when it opens. Secrets (headers) are not part of it."""

    start_urls: tuple[str, ...]
    scope: Scope = Scope.HOST
    include: tuple[str, ...] = ()  # patterns with * and ?, or "re:" and a regular expression
    exclude: tuple[str, ...] = ()
    max_depth: int | None = None
    max_pages: int | None = None
    max_seconds: int | None = None
    delay: float = 1.0  # seconds between the end of a response and the next request to the host
    per_host: int = 1  # connections
    user_agent: str = ""
    obey_robots: bool = True
    fields: tuple[FieldRule, ...] = ()
    allow_networks: tuple[str, ...] = ()  # CIDRs that the address guard lets through
    sitemaps: tuple[str, ...] = ()  # those that the seed names
    robots_sitemaps: bool = False  # use the ones that robots.txt of a start URL's host names
    ignore_params: tuple[str, ...] = ()  # more query parameters that the canonical form does without
    max_url_length: int | None = 2000  # characters
    max_repeated_segments: int | None = 3  # times that one segment may be in a path
    max_pages_per_host: int | None = 1_000_000
    max_same_text: int | None = 100  # pages of one URL template in a row that say nothing new


class FetchRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One request to make: what the fetcher needs to know of a visit and of its page's last version."""

    url: str
    user_agent: str
    headers: tuple[tuple[str, str], ...] = ()  # the seed's own; sent to the start URLs' origins only
    allow_networks: tuple[str, ...] = ()
    etag: str = ""
    last_modified: str = ""
    sitemap: bool = False  # any content type, and the byte cap of sitemaps


def first_header(headers: Sequence[tuple[str, str]], name: str) -> str:
    """The first value of a header by lower-case name, or an empty string."""
    for key, value in headers:  # no generator: it is asked some six times a page
        if key == name:
            return value
    return ""


class FetchResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one request. Never an exception: ``reason`` says what went wrong.

    ``body`` is decoded content (no content coding left), complete and within the byte cap, or empty.
    ``location`` is the absolute target of a redirect. ``status`` is None when no response arrived.
    """

    url: str
    status: int | None = None
    reason: str | None = None  # None: a page (2xx with a body), a 304, or a redirect with a location
    headers: tuple[tuple[str, str], ...] = ()  # lower-case names, as received
    body: bytes = b""
    location: str | None = None
    elapsed: float = 0.0  # seconds, request to last byte
    started_at: float = 0.0  # epoch seconds
    retry_after: float | None = None  # seconds from the response, clamped
    transient: bool = False
    detail: str = ""  # one line for people, e.g. the resolver's message

    def header(self, name: str) -> str:
        """The first value of a header by lower-case name, or an empty string."""
        return first_header(self.headers, name)


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """A visit's fetch as it leaves the fetch stage: the body is in the batch's segment, not here."""

    visit_id: int
    run_id: int
    url: str
    depth: int
    hops: int  # redirects that led here
    attempts: int  # including this one
    status: int | None
    reason: str | None
    transient: bool
    location: str | None
    elapsed_ms: int
    fetched_at: float  # epoch seconds, UTC
    retry_after: float | None = None
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    x_robots_tag: str = ""
    digest: str = ""  # sha256 hex of the decoded body; empty without a body
    unchanged: bool = False  # 304, or the digest of the page's last version with the same fields
    offset: int | None = None  # of the response record in the segment
    length: int | None = None  # compressed bytes of that record
    size: int = 0  # bytes of the decoded body
    detail: str = ""
    kind: VisitKind = VisitKind.PAGE
    sitemaps: tuple[str, ...] = ()  # of a start URL: what its host's robots.txt names


class Outlink(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A link found on a page: ``url`` as resolved (the one to request), its fingerprint, its origin."""

    url: str
    fingerprint: int  # signed 64 bit, see crawler.urls.url_fingerprint
    origin: str  # scheme://host:port, the key of a Host row
    kind: VisitKind = VisitKind.PAGE
    lastmod: float | None = None  # epoch seconds, as a sitemap says


class Parsed(msgspec.Struct, frozen=True, kw_only=True):
    """What the parse stage read from one body. ``reason`` set: no page can be made of it."""

    visit_id: int
    reason: str | None = None
    title: str = ""
    text_zstd: bytes = b""  # the folded text, as the row keeps it (see djsite.catalog.packing)
    encoding: str = ""
    fields: dict[str, str | None] = {}
    outlinks: tuple[Outlink, ...] = ()  # in scope, one per fingerprint, document order
    out_of_scope: int = 0
    out_of_scope_sample: tuple[str, ...] = ()
    declared_canonical: str = ""
    noindex: bool = False
    nofollow: bool = False
    signature: int | None = None  # of the text, see crawler.traps.text_signature
    warnings: tuple[str, ...] = ()  # of a sitemap: sentences for people
