"""The content of a message: plain values that every kind of channel writes in its own way.

``Message.body`` is ``{"alerts": [names], "events": [...], "ids": [...], "counts": [...], "count": n,
"left": n}``.
``events`` are told in full, up to :data:`LISTED` of them; ``ids`` names all, and ``left`` says how many are
told by number only; ``counts`` has these numbers by seed, collection and kind. An event is
``{"id", "kind", "sentence", "seed", "collection", "field", "subject", "url", "before", "after", "difference",
"percent", "detail", "at", "link"}``; ``at`` is ISO 8601, ``link`` a path of this site.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from catalog.models import Event
from pipelines.telling.words import sentence, subject_words

LISTED = 20  # events that a message tells in full; more are a storm, of which it tells the first ones
FIRST = 10
VALUE_CHARACTERS = 2_000  # of a text in an event of a message
TEST_SENTENCE = "This is a test. If you can read it, this channel works."

_NOUNS = {
    Event.Kind.RECORD_NEW: "new",
    Event.Kind.FIELD_CHANGED: "changed values",
    Event.Kind.RECORD_GONE: "gone",
    Event.Kind.PAGE_NEW: "new pages",
    Event.Kind.PAGE_CHANGED: "pages changed",
    Event.Kind.PAGE_GONE: "pages gone",
}


def body_of(events: Sequence[Event], alerts: Iterable[str], dropped: int = 0) -> dict[str, Any]:
    """The body of a message on events in their order; ``dropped`` counts those that are told by nobody.

    The seeds of the events are read already.
    """
    listed = events if len(events) <= LISTED else events[:FIRST]
    return {
        "alerts": sorted(set(alerts)),
        "events": [event_values(event) for event in listed],
        "ids": [event.pk for event in events],
        "counts": _counts(events) if len(listed) < len(events) else [],
        "count": len(events),
        "left": len(events) - len(listed),
        **({"dropped": dropped} if dropped else {}),
    }


def body_of_test() -> dict[str, Any]:
    """The body of a message that only tries its channel."""
    return {"alerts": [], "events": [], "ids": [], "counts": [], "count": 0, "left": 0, "test": True}


def subject_of(body: Mapping[str, Any]) -> str:
    """The subject line of a message: its one sentence, or how much happened where."""
    if body.get("test"):
        return "Test from Crawlbeat"
    if body["count"] == 1:
        return str(body["events"][0]["sentence"])
    seeds = {entry["seed"] for entry in body["counts"] or body["events"]}
    where = next(iter(seeds)) if len(seeds) == 1 else f"{len(seeds)} seeds"
    named = body["alerts"][0] if len(body["alerts"]) == 1 else "News"
    return f"{named}: {body['count']} in {where}"


def rest_of(body: Mapping[str, Any]) -> list[str]:
    """What is told by number only, as sentences."""
    sentences = []
    if body["left"]:
        sentences.append(f"… and {body['left']} more. In all:")
        sentences += [_count_words(entry) for entry in body["counts"]]
    if dropped := body.get("dropped"):
        sentences.append(f"{dropped} older ones are left out: this channel was off or failing for too long.")
    return sentences


def event_values(event: Event) -> dict[str, Any]:
    """An event as a receiver gets it."""
    return {
        "id": event.pk,
        "kind": event.get_kind_display(),
        "sentence": sentence(event),
        "seed": event.seed.name,
        "collection": event.collection,
        "field": event.field,
        "subject": event.subject or subject_words(event),
        "url": event.url,
        "before": _bounded(event.before),
        "after": _bounded(event.after),
        "difference": event.difference,
        "percent": event.percent,
        "detail": event.detail,
        "at": event.at.isoformat(),
        "link": link_of(event),
    }


def link_of(event: Event) -> str:
    """The path of the page of our site that shows what an event is about."""
    if event.record_id:
        return f"/records/{event.record_id}/"
    if event.page_id:
        return f"/pages/{event.page_id}/"
    return f"/runs/{event.run_id}/" if event.run_id else f"/seeds/{event.seed_id}/"


def _counts(events: Iterable[Event]) -> list[dict[str, Any]]:
    """How many of each kind, the most first."""
    tally = Counter((event.seed.name, event.collection, event.kind) for event in events)
    return [
        {"seed": seed, "collection": collection, "kind": Event.Kind(kind).label, "count": count}
        for (seed, collection, kind), count in tally.most_common()
    ]


def _count_words(entry: dict[str, Any]) -> str:
    kind = Event.Kind(next(kind for kind in Event.Kind if kind.label == entry["kind"]))
    where = f"{entry['seed']}, {entry['collection']}" if entry["collection"] else entry["seed"]
    return f"{where}: {entry['count']} {_NOUNS.get(kind, kind.label)}"


def _bounded(value: Any) -> Any:
    """A value whose texts are not longer than VALUE_CHARACTERS."""
    if isinstance(value, str) and len(value) > VALUE_CHARACTERS:
        return f"{value[: VALUE_CHARACTERS - 1]}…"
    if isinstance(value, dict):
        return {name: _bounded(each) for name, each in value.items()}
    return [_bounded(each) for each in value] if isinstance(value, list) else value
