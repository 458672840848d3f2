"""Why there are no records: what a list says instead of them."""

from __future__ import annotations

from catalog.models import Run, Seed
from crawler.collections import Collection


def why_empty(seed: Seed, collection: str) -> str:
    """A sentence or two, with what to do."""
    rules = next((each for each in seed.policy().collections if each.name == collection), None)
    begin = f"{seed.name} has no records yet."
    if rules is None:
        return f"{begin} It extracts no fields: add some to the seed, and its next run reads them."
    runs = Run.objects.started().filter(seed=seed)
    if not runs.exists():
        return f"{begin} It has not run yet."
    if not runs.filter(finished_at__isnull=False).exists():
        return f"{begin} Its first run is under way."
    if not seed.pages.exists():
        return f"{begin} Its runs stored no page so far; the last one says why."
    return f"{begin} {_unmatched(rules)}"


def _unmatched(rules: Collection) -> str:
    if rules.items is not None:
        return f"Its pages hold nothing that “{rules.items.rule}” matches. Try a page to see why."
    return "Its pages hold nothing that the rules of its fields match. Try a page to see why."
