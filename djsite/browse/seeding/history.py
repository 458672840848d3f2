"""Who changed a seed, in words: each setting by the label of its box, with its values before and after."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from catalog.models import Seed, SeedEdit, SeedGroup
from crawler.lanes import Lane
from djsite.browse.seed_form import BOXES, SeedForm
from djsite.desk.seeding.edits import differences, edits_of
from djsite.desk.shown import shown
from djsite.desk.words import span

LABELS = {
    "interval_seconds": "Every",
    "enabled": "Schedule",
    "group_id": "Group",
    "inherits": "Taken from the group",
}


class Change(NamedTuple):
    """A setting that was changed, in words."""

    label: str
    before: str
    after: str


class Edit(NamedTuple):
    """An edit as it is shown."""

    row: SeedEdit
    changes: list[Change]


def history(seed: Seed) -> list[Edit]:
    """The newest edits of a seed."""
    return [Edit(edit, [_change(*each) for each in differences(edit)]) for edit in edits_of(seed)]


def _change(name: str, before: Any, after: Any) -> Change:
    words = [_words(name, value) for value in (before, after)]
    if words[0] == words[1]:
        words = ["as it was", "changed; its values are secret" if name == "headers" else "changed"]
    return Change(_label(name), *words)


def _label(name: str) -> str:
    box = SeedForm.base_fields.get(BOXES.get(name, name))
    return LABELS.get(name) or str(box.label if box and box.label else name.replace("_", " ").capitalize())


def _words(name: str, value: Any) -> str:
    """A value in a line. Fields and collections are named; other lists stand beside each other."""
    if value is None or value in ("", []):
        return "nothing"
    if isinstance(value, bool):
        return ("on" if value else "off") if name == "enabled" else ("yes" if value else "no")
    if name == "interval_seconds":
        return str(span(value))
    if name == "lane":
        return Lane(value).label
    if name == "group_id":
        return SeedGroup.objects.filter(pk=value).values_list("name", flat=True).first() or "one that is gone"
    if isinstance(value, list):
        value = ", ".join(map(_named, value))
    return shown(" | ".join(str(value).splitlines()))


def _named(each: Any) -> str:
    """A part of a list: a field by its name and rule, a collection by its names, a word as it is."""
    if not isinstance(each, dict):
        return str(each)
    if "fields" in each:
        return f"{each.get('name')} ({', '.join(str(field.get('name')) for field in each['fields'])})"
    rules = {key: value for key, value in each.items() if key != "name"}
    return f"{each.get('name')} = {rules.get('css') if list(rules) == ['css'] else json.dumps(rules)}"
