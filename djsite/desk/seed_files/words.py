"""What an import does, in words: a line for each seed, and one for each setting that changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from crawler.seeds.files.settings import KEPT, Kind, kind_of, word_of
from crawler.seeds.spec import lines
from djsite.desk.seed_files.groups import GroupChange
from djsite.desk.seed_files.planning import Change, Plan
from djsite.desk.seed_files.rows import HEADERS
from djsite.desk.seed_files.what import Difference, What
from djsite.desk.shown import shown

SIGNS = {What.NEW: "+", What.CHANGED: "~", What.DELETED: "-"}
_VALUE = 120  # characters of a value that are shown


def plan_lines(plan: Plan) -> Iterator[str]:
    """The changes, a group or seed a line with what changes below it; what stays is only counted."""
    for group in plan.groups:
        yield f"{SIGNS[group.what]} group {group.group.name}"
        yield from (f"    {line}" for line in change_lines(group))
    for change in plan.changes:
        if change.what is not What.SAME:
            yield f"{SIGNS[change.what]} {change.seed.name}"
            yield from (f"    {line}" for line in change_lines(change))


def change_lines(change: Change | GroupChange) -> Iterator[str]:
    """What changes of a seed or a group, a setting a line."""
    for difference in change.differences:
        yield f"{difference.setting}: {_difference(difference)}"


def summary(plan: Plan, *, would: bool) -> str:
    """How many seeds are new, changed, deleted, and stay."""
    be, stay = ("would be ", "would stay") if would else ("", "stay")
    counted = [
        f"{plan.count(what):,} {be}{word}"
        for what, word in ((What.NEW, "new"), (What.CHANGED, "changed"), (What.DELETED, "deleted"))
    ]
    return f"{', '.join(counted)}; {plan.count(What.SAME):,} {stay} as they are."


def _difference(difference: Difference) -> str:
    setting, before, after = difference
    if kind_of(setting) not in (Kind.LINES, Kind.PARTS):
        return f"{_word(setting, before)} → {_word(setting, after)}"
    old, new = _entries(setting, before), _entries(setting, after)
    gone = [f"- {shown(entry, _VALUE)}" for entry in old if entry not in new]
    come = [f"+ {shown(entry, _VALUE)}" for entry in new if entry not in old]
    return ", ".join(gone + come) or "another order"


def _entries(setting: str, value: Any) -> list[str]:
    if setting == HEADERS:
        return [_header(line) for line in lines(value)]
    if isinstance(value, list):
        return [entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False) for entry in value]
    return lines(value)


def _header(line: str) -> str:
    """A header without its value: that may be secret."""
    name, _, value = line.partition(":")
    return f"{name.strip()}: {KEPT if value.strip() == KEPT else '(a new value)'}"


def _word(setting: str, value: Any) -> str:
    if value in ("", None):
        return "nothing"
    if kind_of(setting) is Kind.CHOICE:
        return word_of(setting, value)
    return shown(str(value).lower() if isinstance(value, bool) else str(value), _VALUE)
