"""What one stage hands to the next: plain values, as msgpack in a batch's folder."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from catalog.packing import pack_outlinks, unpack_outlinks
from crawler.outlinks import Outlink, VisitKind
from crawler.reading.record import ReadRecord


class Latest(msgspec.Struct, frozen=True):
    """What the row of a page says of its latest version."""

    id: int
    content: int | None  # signature; None: not known
    noise: int  # signature of what was left out for that
    same_rules: bool  # whether the values are signed as the run's rules read them, or it has none

    def signed(self, noise: int) -> bool:
        """Whether the signatures can be compared with those of a body without this noise."""
        return self.content is not None and self.noise == noise and self.same_rules


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
    refresh: str = ""  # the header
    digest: str = ""  # sha256 hex of the decoded body; empty without a body
    unchanged: bool = False  # 304, or the digest of the page's last version
    read_again: int | None = None  # snapshot id: unchanged, but the run's rules have not read its fields
    latest: Latest | None = None  # the version that the page has
    offset: int | None = None  # of the response's WARC record in the segment
    length: int | None = None  # compressed bytes of that WARC record
    body_at: int | None = None  # offset of the body in the file of bodies, see pipelines.archive.bodies
    size: int = 0  # bytes of the decoded body
    detail: str = ""
    kind: VisitKind = VisitKind.PAGE
    sitemaps: tuple[str, ...] = ()  # of a start URL: what its host's robots.txt names
    once: bool = False  # it may have been sent, and must not be sent again
    cookies: bool = False  # of a redirect: the server has set cookies in this run, now or before


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """The links of a body, packed once, as the row of its snapshot keeps them (see catalog.packing).

    Store unpacks them only if it has not seen one of the fingerprints in this run.
    """

    packed: bytes = b""
    fingerprints: tuple[int, ...] = ()  # of the links, in their order
    level: tuple[int, ...] = ()  # positions of those that are as deep as the page

    @classmethod
    def of(cls, links: Sequence[Outlink]) -> Links:
        """Pack links."""
        return cls(
            packed=pack_outlinks(links),
            fingerprints=tuple([link.fingerprint for link in links]),
            level=tuple([at for at, link in enumerate(links) if link.level]),
        )

    def unpack(self) -> tuple[Outlink, ...]:
        """The links, in document order."""
        return unpack_outlinks(self.packed)


NO_LINKS = Links()


class Signed(msgspec.Struct, frozen=True):
    """The signatures of a body's content and of the values in it (:mod:`crawler.reading.content`)."""

    content: int
    values: int  # 0: no records


class Parsed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the parse stage read from one body. With a ``reason``, it cannot be stored as a page.

    What another release has read has other fields and is refused, so that its batch is parsed again.
    """

    visit_id: int
    reason: str | None = None
    detail: str = ""  # of the reason: one line for people
    title: str = ""
    text_zstd: bytes = b""  # the folded text, packed for its row (see catalog.packing)
    encoding: str = ""
    records: tuple[ReadRecord, ...] = ()  # by the run's rules, those of a collection in document order
    unread: tuple[str, ...] = ()  # collections that were not read to their end: what is missing may be there
    outlinks: Links = NO_LINKS  # in scope, one per fingerprint
    out_of_scope: int = 0
    out_of_scope_sample: tuple[str, ...] = ()
    declared_canonical: str = ""
    moved_to: str = ""  # the page leads there at once, as a redirect does
    noindex: bool = False
    nofollow: bool = False
    signature: int | None = None  # of the text, see crawler.reading.signature.text_signature
    signed: Signed | None = None  # what a change is told by; None: it was not read as a page
    noise: int = 0  # signature of what was left out for that; 0: nothing
    latest: Signed | None = None  # the version that fetch names, without the same noise and by the same rules
    warnings: tuple[str, ...] = ()  # for the run: sentences for people
    verdict: str = ""  # what the answer is instead of a page (crawler.reading.verdicts); then the reason too
    evidence: tuple[str, ...] = ()  # for the verdict: sentences for people
