"""The filters of a list in words: ``seed Teas``, ``field price``, ``by at least 10 %``."""

from __future__ import annotations

from catalog.models import Seed
from djsite.desk.events.listing import EventList
from djsite.desk.shown import shown

HOURS = {1: "the last hour", 24: "the last day", 168: "the last week", 720: "the last 30 days"}
KIND_GROUPS: dict[str, dict[str, str]] = {
    "Things": {"new": "new", "changed": "a value changed", "gone": "gone"},
    "Pages": {
        "pages": "anything about pages",
        "page_new": "new page",
        "page_changed": "page changed",
        "page_gone": "page gone",
    },
    "Trouble": {
        "trouble": "any trouble",
        "run_failed": "a run failed",
        "missed": "a run was missed or late",
        "coverage_fell": "values no longer found",
        "blocked": "a site blocks us",
        "login_expired": "a login has expired",
        "promise_broken": "a promise broken",
    },
}
"""The kinds that people choose from (:data:`pipelines.telling.filters.KINDS`), in words."""

_KINDS = {name: words for group in KIND_GROUPS.values() for name, words in group.items()}
_KINDS["records"] = "anything about things"


def filter_words(query: str) -> list[str]:
    """What the query of an address asks for, a half sentence for each filter."""
    asked = EventList.of_query(query)
    wanted = asked.wanted
    return [
        *_of_seed(wanted.seed),
        *(_KINDS[kind] for kind in sorted(wanted.kinds)),
        *([f"collection {shown(wanted.collection)}"] if wanted.collection else []),
        *([f"field {shown(wanted.field)}"] if wanted.field else []),
        *([f"goes {wanted.direction}"] if wanted.direction else []),
        *([f"by at least {wanted.least:g}"] if wanted.least is not None else []),
        *([f"by at least {wanted.percent:g} %"] if wanted.percent is not None else []),
        *([f"“{shown(wanted.text)}” in name or address"] if wanted.text else []),
        *_of_time(asked),
        *(["also what a second look withdrew"] if asked.withdrawn else []),
    ]


def _of_seed(key: int | None) -> list[str]:
    if key is None:
        return []
    seed = Seed.objects.alive().filter(pk=key).first()
    return [f"seed {seed.name}" if seed is not None else "a seed that was deleted, so nothing"]


def _of_time(asked: EventList) -> list[str]:
    return [
        *([f"in {HOURS[asked.since]}"] if asked.since is not None else []),
        *([f"from {asked.begin:%-d %b %Y}"] if asked.begin is not None else []),
        *([f"until {asked.end:%-d %b %Y}"] if asked.end is not None else []),
    ]
