"""PageRow: the row of a page while a batch is stored; quicker to make than a model's object.

And whether new bytes are a new version of it, by signatures (:mod:`crawler.reading.content`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from catalog.models import Batch, Snapshot
from catalog.packing import Saw, add_look
from crawler.outcomes import Reason
from crawler.outlinks import Outlink
from crawler.policy import ChangeMeans
from pipelines.handover import Fetched, Parsed, Signed


class PageRow(msgspec.Struct):
    """The row of a page. A new page has id 0 until it is written."""

    seed_id: int
    fingerprint: int
    host_id: int
    url: str
    first_stored_at: datetime
    last_fetched_at: datetime
    last_changed_at: datetime
    versions: int = 0
    etag: str = ""
    last_modified: str = ""
    digest: str = ""
    rule_set_id: int | None = None
    text_signature: int | None = None
    content: int | None = None
    values_signature: int | None = None
    noise: int = 0
    looks: int = 0
    lately: bytes = b""
    lastmod: datetime | None = None
    latest_id: int | None = None
    changed_in_id: int | None = None
    new_in_id: int | None = None
    gone_at: datetime | None = None
    gone_answers: int = 0
    id: int = 0

    def looked_at(self, moment: datetime, saw: Saw) -> None:
        """Keep that there was a look; those that got the page are counted."""
        self.lately = add_look(self.lately, moment, saw)
        self.looks += saw != Saw.NOTHING

    def signed(self, noise: int, rule_set_id: int | None) -> Signed | None:
        """The signatures of its latest version, without this noise and by these rules; None: not known."""
        values = 0 if rule_set_id is None else self.values_signature
        if self.content is None or values is None or self.noise != noise:
            return None
        return Signed(self.content, values) if rule_set_id in (None, self.rule_set_id) else None

    def sign(self, signed: Signed, noise: int, rule_set_id: int | None) -> None:
        """Keep the signatures of its latest version by the noise and the rules of now."""
        self.content, self.noise = signed.content, noise
        if rule_set_id is not None:
            self.values_signature = signed.values


def why_same(page: PageRow, before: Signed | None, parsed: Parsed, means: ChangeMeans) -> Reason | None:
    """Why other bytes are no new version of a page, by what makes one; None if they are one."""
    now = parsed.signed
    if before is None or now is None or means == ChangeMeans.BYTES or now.values != before.values:
        return None
    if now.content == before.content:
        noisy = parsed.noise and parsed.signature != page.text_signature
        return Reason.NOISE_ONLY if noisy else Reason.MARKUP_ONLY
    return Reason.SAME_VALUES if means == ChangeMeans.FIELDS and now.values else None


def outlinks_of(snapshot_ids: Sequence[int]) -> dict[int, tuple[Outlink, ...]]:
    """By snapshot id, the links of stored versions: of a page found unchanged, the crawl follows these."""
    snapshots = Snapshot.objects.filter(pk__in=snapshot_ids).only("outlinks_zstd")
    return {snapshot.pk: snapshot.outlinks for snapshot in snapshots}


SNAPSHOT = (
    "id", "page_id", "run_id", "batch_id", "offset", "length", "final_url", "status", "content_type",
    "encoding", "size", "digest", "fetched_at", "title", "text_zstd", "outlinks_zstd",
)  # fmt: skip
"""The columns of a version; its own id, its page and its run come first."""


def snapshot_values(batch: Batch, fetched: Fetched, parsed: Parsed, moment: datetime) -> tuple[object, ...]:
    """The values of a new version that was fetched at a moment, from its batch on."""
    assert fetched.offset is not None
    assert fetched.length is not None
    assert fetched.status is not None
    return (
        batch.pk,
        fetched.offset,
        fetched.length,
        fetched.url,
        fetched.status,
        fetched.content_type,
        parsed.encoding,
        fetched.size,
        fetched.digest,
        moment,
        parsed.title,
        parsed.text_zstd,
        parsed.outlinks.packed,
    )


def moment_of(fetched: Fetched) -> datetime:
    """When a page was fetched."""
    return datetime.fromtimestamp(fetched.fetched_at, UTC)
