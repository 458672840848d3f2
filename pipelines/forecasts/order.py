"""What passes between a forecast and the process that reads for it."""

from __future__ import annotations

import msgspec

from crawler.forecasting.seen import SeenPage, SeenSitemap
from pipelines.trying.trial import Order


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """A body to be read: of a page, or of a sitemap."""

    order: Order
    sitemap: bool = False
    depth: int = 0
    guessed: bool = False
    unlinked: bool = False
    seconds: float = 0.0


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What it shows."""

    page: SeenPage | None = None
    sitemap: SeenSitemap | None = None
