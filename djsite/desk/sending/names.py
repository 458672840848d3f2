"""The names of files that people save: made by us, of letters, digits and hyphens."""

from __future__ import annotations

from datetime import datetime

from django.utils.text import slugify

from catalog.formats import ending
from catalog.models import Export, Run, Seed


def name_of(kind: str, seed: Seed | None, run: Run | None, moment: datetime | None) -> str:
    """What a file holds, without an ending: of a run, of a seed, or of all; as of a moment."""
    if run:
        return f"{kind}-run-{run.pk}"
    name = f"{kind}-{slugify(seed.name)[:60] or seed.pk}" if seed else f"{kind}-all"
    return f"{name}-{moment:%Y-%m-%d-%H%M}" if moment else name


def name_of_export(export: Export) -> str:
    """The name of a file that was asked for; its number makes it name one content."""
    name = name_of(export.kind, export.seed, export.run, export.as_of)
    return f"{name}-{export.pk}.{ending(export.format, export.compression)}"
