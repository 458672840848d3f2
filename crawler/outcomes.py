"""How a visit ends and why: the codes that rows keep, explained in ``docs/outcomes.md``.

Numbers of an enum are stored in the database: never renumber one.
"""

from __future__ import annotations

import enum


class Outcome(enum.IntEnum):
    """How a visit ended. A run's ``discovered`` is the sum of these when it closes."""

    STORED = 1
    UNCHANGED = 2
    REDIRECTED = 3
    FAILED = 4
    SKIPPED = 5

    @property
    def label(self) -> str:
        return self._name_.lower()  # name is four times as slow


class Reason(enum.StrEnum):
    """Why a visit is not stored, or why other bytes are no new version; the codes are documented in
    ``docs/outcomes.md``.

    An HTTP status that is no page has the reason ``http_<status>`` (see :func:`http_reason`),
    which is why columns hold plain strings and this enum the named ones.
    """

    MARKUP_ONLY = "markup_only"  # unchanged: other bytes, the same content
    NOISE_ONLY = "noise_only"  # unchanged: what differs is left out of the content
    SAME_VALUES = "same_values"  # unchanged: other content, but the seed asks for values alone
    ROBOTS = "robots"
    ROBOTS_UNREACHABLE = "robots_unreachable"
    NOINDEX = "noindex"
    SITEMAP = "sitemap"  # read for its links, which is all a sitemap is for
    STOPPED = "stopped"  # the run was stopped before this visit was fetched
    MAX_DURATION = "max_duration"
    LEFT_OUT = "left_out"  # somebody left its part of the site out while the run went
    SAME_TEXT = "max_same_text"  # not asked: the pages of its URL template say nothing new
    BLOCKED_ADDRESS = "blocked_address"
    BAD_URL = "bad_url"
    SEALED_HEADERS = "sealed_headers"  # no key opens the seed's secret headers
    DNS = "dns"
    CONNECT = "connect"
    HOST_DOWN = "host_down"  # not asked: its host had failed for half an hour
    TLS = "tls"
    TIMEOUT = "timeout"
    READ = "read"  # the connection broke or the body ended early
    BAD_RESPONSE = "bad_response"  # not HTTP, or framing that must be refused
    DECODING = "decoding"  # content coding unknown, nested too deep, or corrupt
    TOO_LARGE = "too_large"
    CONTENT_TYPE = "content_type"
    UNREADABLE = "unreadable"  # not what its type promises, or more than is read of such a document
    REDIRECT_LOOP = "redirect_loop"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    BAD_REDIRECT = "bad_redirect"  # a redirect without a usable http(s) target
    PARSER_KILLED = "parser_killed"  # quarantined: this page killed its parser
    FETCH_KILLED = "fetch_killed"  # quarantined: asking for it killed or held up the one who fetches
    STORE_KILLED = "store_killed"  # quarantined: what was found here killed or held up the one who stores
    BLOCK_PAGE = "block_page"  # a verdict (crawler.reading.verdicts), as the next four
    LOGIN_PAGE = "login_page"
    SOFT_404 = "soft_404"
    EMPTY_SHELL = "empty_shell"
    PARKED_DOMAIN = "parked_domain"
    BAD_PATTERN = "bad_pattern"  # of a run: a pattern of its seed cannot be used
    OPENING_KILLED = "opening_killed"  # of a run: those who opened it died or were held up
    INTERNAL_ERROR = "internal_error"


def http_reason(status: int) -> str:
    """The reason of a response whose status makes it no page, e.g. ``http_404``."""
    return f"http_{status}"


class Limit(enum.StrEnum):
    """A limit that turned links away. A run names each, with the number of links (docs/outcomes.md)."""

    DEPTH = "max_depth"
    PAGES = "max_pages"
    URL_LENGTH = "max_url_length"
    REPEATED_SEGMENTS = "max_repeated_segments"
    PAGES_PER_HOST = "max_pages_per_host"
    HOSTS = "max_hosts"
    SAME_TEXT = "max_same_text"
    SITEMAPS = "max_sitemaps"
