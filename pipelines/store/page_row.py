"""PageRow: the row of a page while a batch is stored; quicker to make than a model's object."""

from __future__ import annotations

from datetime import datetime

import msgspec


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
    lastmod: datetime | None = None
    latest_id: int | None = None
    changed_in_id: int | None = None
    new_in_id: int | None = None
    gone_at: datetime | None = None
    gone_answers: int = 0
    id: int = 0
