"""Pages at a moment: of each, the version that was its latest then."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Max

from catalog.models import Seed, Snapshot


def versions_at(pages: Collection[int], moment: datetime) -> dict[int, int]:
    """By page, the id of the latest version that had been fetched by ``moment`` and is kept."""
    versions = Snapshot.objects.filter(page__in=pages, fetched_at__lte=moment).order_by()
    return dict(versions.values("page").annotate(latest=Max("pk")).values_list("page", "latest"))


def before_the_first(seed: Seed, moment: datetime) -> datetime | None:
    """When the first page of a seed was stored, if that was after ``moment``."""
    first = seed.pages.order_by("pk").values_list("first_stored_at", flat=True).first()
    return first if first is not None and first > moment else None
