"""The folded parts of the seed form: which boxes each has, what in it is not usual, and whether it opens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.forms import BoundField

from djsite.browse.seeding.forms import SiteSeedForm

ADVANCED = "advanced"  # of the schedule; it stands in its card


class Fold(NamedTuple):
    """A folded part: its boxes, the values in it that are not usual, and whether it has a mistake."""

    key: str
    title: str
    note: str
    boxes: list[BoundField]
    chips: list[str]
    is_open: bool


class Mistake(NamedTuple):
    """A sentence about a box, with the anchors of the boxes that it names."""

    anchor: str
    label: str
    sentence: str
    also: list[tuple[str, str]]


FOLDS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    ADVANCED: ("When it cannot run in time", "", ("overlap", "catch_up", "catch_up_limit")),
    "scope": (
        "Scope",
        "Which pages belong to it.",
        ("scope", "include", "exclude", "use_sitemaps", "sitemaps", "requests"),
    ),
    "limits": (
        "Limits",
        "How far a run goes. Some sites make endless addresses; a run names the limits that acted.",
        (
            *("max_depth", "max_pages", "max_minutes", "ignore_params", "max_url_length"),
            *("max_repeated_segments", "max_pages_per_host", "max_same_text"),
        ),
    ),
    "politeness": (
        "Politeness",
        "How fast it asks, and by which name.",
        ("delay", "per_host", "obey_robots", "robots_reason", "user_agent"),
    ),
    "access": ("Access", "What it sends, and where it may go.", ("headers", "allow_networks")),
    "changes": (
        "Changes",
        "What counts as a change, and as a page.",
        ("change_means", "noise", "learn_noise", "second_look_minutes", "accept"),
    ),
    "keeping": (
        "Keeping",
        "How long versions of its pages stay.",
        ("keep_versions", "keep_days", "keep_daily"),
    ),
    "order": ("Order of work", "Which seed goes first when many are due.", ("lane", "priority")),
}


def folds(form: SiteSeedForm, usual: SiteSeedForm) -> list[Fold]:
    """All folded parts that have a box; ``usual`` is the form of a seed of which nothing is said."""
    sentences = " ".join(str(sentence) for texts in form.errors.values() for sentence in texts)
    parts = []
    for key, (title, note, names) in FOLDS.items():
        boxes = [form[name] for name in names if name in form.fields]
        named = any(box.errors or f"'{box.label}'" in sentences for box in boxes)
        chips = [chip for box in boxes if (chip := _chip(box, usual))]
        if boxes:
            parts.append(Fold(key, title, note, boxes, chips, named))
    return parts


def mistakes(form: SiteSeedForm) -> Iterator[Mistake]:
    """Everything that is wrong, in the order of the boxes."""
    boxes = {str(box.label): box for box in form}
    of_the_whole = form.errors.keys() - form.fields.keys()
    for name in (*form.fields, *of_the_whole):
        for sentence in form.errors.get(name, ()):
            also = [(box.auto_id, label) for label, box in boxes.items() if f"'{label}'" in sentence]
            box = form[name] if name in form.fields else None
            yield Mistake(box.auto_id if box else "", str(box.label) if box else "", str(sentence), also)


def _chip(box: BoundField, usual: SiteSeedForm) -> str:
    """A value that is not the usual one, in a few words; empty for one that is."""
    value = box.value()
    if box.name not in usual.fields or _same(value, usual[box.name].value()):
        return "" if box.name in usual.fields else _words(box, value)
    return _words(box, value)


def _same(value: Any, other: Any) -> bool:
    texts = ["" if each is None else str(each).strip() for each in (value, other)]
    try:
        return float(texts[0]) == float(texts[1])
    except ValueError:
        return texts[0] == texts[1]


def _words(box: BoundField, value: Any) -> str:
    if isinstance(value, bool):
        return str(box.label) if value else f"not: {box.label}"
    choices = {str(key): str(label) for key, label in getattr(box.field, "choices", ())}
    text = choices.get(str(value), "" if value is None else str(value).strip())
    if box.name == "headers":  # what was typed is secret
        return f"{len(text.splitlines())} of {box.label}"
    first, *others = text.splitlines() or ["none"]
    return f"{box.label}: {first[:60]}{f' +{len(others)}' if others else ''}"
