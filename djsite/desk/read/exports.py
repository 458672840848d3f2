"""Exports: the files that somebody asked for."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from catalog.models import Export


def list_exports() -> QuerySet[Export]:
    """Files asked for, those of deleted seeds left out."""
    deleted = Q(seed__deleted_at__isnull=False) | Q(run__seed__deleted_at__isnull=False)
    return Export.objects.exclude(deleted).select_related("seed", "run__seed", "created_by")
