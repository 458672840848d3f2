"""What can be done to many seeds at once: each action says what it would make of one, in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from catalog.models import Seed, SeedGroup
from crawler.lanes import Lane
from crawler.seeds import Schedule, check
from crawler.seeds.tags import read_tags
from djsite.desk import schedules
from djsite.desk.grouping.groups import joining

UNITS = {"minute": 60, "hour": 3600, "day": 86400}
TURNS = {Lane.URGENT: "before all others", Lane.NORMAL: "in line", Lane.BULK: "after all others"}
_EVERY = re.compile(r"every\s+(?:([0-9]{1,6})\s+)?(minute|hour|day)s?")
_AT = re.compile(r"(?:daily|every day)?\s*(?:at\s+)?([01]?[0-9]|2[0-3]):([0-5][0-9])")


class Refused(ValueError):
    """What was written is none for this action; a sentence for people."""


@dataclass(frozen=True)
class Action:
    """Sets columns of a seed by what a person wrote; the empty dict changes nothing.

    ``words`` says what a seed has now, before and after.
    """

    name: str
    label: str
    columns: Callable[[Seed, str], dict[str, Any]]
    words: Callable[[Seed], str]


def _tags(text: str) -> list[str]:
    try:
        tags = read_tags(text)
    except ValueError as error:
        raise Refused(str(error)) from error
    if not tags:
        raise Refused("Write a tag, or several with commas between them.")
    return tags


def _add_tag(seed: Seed, text: str) -> dict[str, Any]:
    try:
        tags = read_tags(",".join([*seed.tags, *_tags(text)]))
    except ValueError as error:
        raise Refused(f"{seed.name}: {error}") from error
    return {"tags": tags}


def _remove_tag(seed: Seed, text: str) -> dict[str, Any]:
    gone = {tag.casefold() for tag in _tags(text)}
    return {"tags": [tag for tag in seed.tags if tag.casefold() not in gone]}


def read_schedule(text: str) -> dict[str, Any]:
    """The columns of a schedule that a person wrote: ``every 6 hours``, ``08:00``, a cron line, ``by hand``.

    Raises:
        Refused: it is none.
    """
    text = " ".join(text.split())
    if text.casefold() in ("by hand", "manual", "by hand only"):
        return {"schedule": Schedule.MANUAL}
    if every := _EVERY.fullmatch(text.casefold()):
        seconds = int(every[1] or 1) * UNITS[every[2]]
        return _checked({"schedule": Schedule.INTERVAL, "interval_seconds": seconds})
    if at := _AT.fullmatch(text.casefold()):
        return _checked({"schedule": Schedule.CRON, "cron": f"{int(at[2])} {int(at[1])} * * *"})
    if len(text.split(" ")) == 5:
        return _checked({"schedule": Schedule.CRON, "cron": text})
    raise Refused(f"“{text}” is no schedule. Write “every 6 hours”, “08:00”, a cron line or “by hand”.")


def _checked(columns: dict[str, Any]) -> dict[str, Any]:
    tidied, problems = check(columns)
    if problems:
        raise Refused(" ".join(map(str, problems)))
    return tidied


def _turn(seed: Seed, text: str) -> dict[str, Any]:
    lane = next((lane for lane, words in TURNS.items() if words == text), None)
    if lane is None:
        raise Refused(f"Choose one of: {', '.join(TURNS.values())}.")
    return {"lane": lane.value}


def _group(seed: Seed, text: str) -> dict[str, Any]:
    if not text:
        return joining(seed, None)
    group = SeedGroup.objects.filter(name=text).first()
    if group is None:
        raise Refused(f"There is no group “{text}”. Make it first, under Groups.")
    return joining(seed, group)


def _group_words(seed: Seed) -> str:
    group = SeedGroup.objects.filter(pk=seed.group_id).first() if seed.group_id else None
    own = f", {schedules.describe(seed)}"
    return f"{group.name if group else 'no group'}{own}"


def _switched(seed: Seed) -> str:
    return "on" if seed.enabled else "off"


ACTIONS: dict[str, Action] = {
    action.name: action
    for action in (
        Action("add-tag", "Add tags", _add_tag, lambda seed: ", ".join(seed.tags) or "no tags"),
        Action("remove-tag", "Remove tags", _remove_tag, lambda seed: ", ".join(seed.tags) or "no tags"),
        Action("schedule", "Set the schedule", lambda _, text: read_schedule(text), schedules.describe),
        Action("turn", "Set the turn", _turn, lambda seed: TURNS[Lane(seed.lane)]),
        Action("group", "Set the group", _group, _group_words),
        Action("on", "Switch on", lambda *_: {"enabled": True}, _switched),
        Action("off", "Switch off", lambda *_: {"enabled": False}, _switched),
    )
}
DELETE, RUN = "delete", "run"  # of whole seeds
