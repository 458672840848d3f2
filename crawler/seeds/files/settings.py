"""The settings of a seed as a file has them: their order, what each may hold, and what it says."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from functools import cache
from types import NoneType
from typing import Any, get_args, get_type_hints

import msgspec

from crawler.lanes import Lane
from crawler.seeds.definition import CHOICES
from crawler.seeds.numbers import numbers
from crawler.seeds.spec import LINES, SeedSpec

KEPT = "(kept)"  # in place of the value of a secret header

SETTINGS = {
    "name": "What the seed is called. A seed of this name is changed, else a new one is made.",
    "enabled": "Whether its schedule is switched on.",
    "tags": "Words by which seeds are grouped.",
    "group": "A group, which gives what the seed does not say.",
    "start_urls": "The addresses at which its runs begin.",
    "requests": "Requests with a body, beside the start addresses.",
    "schedule": "When it runs: every so often, at set times, or by hand only.",
    "interval_seconds": "How often it runs, in seconds, if it runs every so often.",
    "cron": "Minute, hour, day of month, month and day of week, if it runs at set times.",
    "time_zone": "The zone of its schedule, such as Europe/Berlin.",
    "overlap": "What becomes of a due time that comes while the earlier run still goes.",
    "catch_up": "What becomes of due times that passed while nothing could run.",
    "catch_up_limit": "How many due times are caught up on at most.",
    "lane": "Which other work it goes before or behind.",
    "priority": "0 to 9 inside its lane; 9 goes first.",
    "scope": "Which addresses belong to it, measured from its start addresses.",
    "include": "Patterns: only addresses that match one are crawled.",
    "exclude": "Patterns: no address that matches one is crawled.",
    "max_depth": "Links away from a start address; nothing is no limit.",
    "max_pages": "Pages of one run; nothing is no limit.",
    "max_minutes": "A run that takes longer is stopped; nothing is no limit.",
    "use_sitemaps": "Whether the sitemaps are read that robots.txt names.",
    "sitemaps": "More sitemaps or feeds.",
    "ignore_params": "Query parameters that do not change a page; * ends a prefix.",
    "max_url_length": "Longer addresses are not followed.",
    "max_repeated_segments": "How often one part may come in an address.",
    "max_pages_per_host": "Pages of one host, of one run.",
    "max_same_text": "After so many pages without news, addresses of their kind are left alone.",
    "delay": "Seconds from the end of an answer to the next request to the same host.",
    "per_host": "Requests to one host at the same time.",
    "user_agent": "What it calls itself; nothing is Crawlbeat's own.",
    "headers": f"Request headers, 'Name: value'. {KEPT} stands for a value that is there already.",
    "obey_robots": "Whether robots.txt is obeyed.",
    "robots_reason": "Who allowed to ignore robots.txt, and where that is written.",
    "allow_networks": "Private networks that may be reached, such as 10.0.0.0/8.",
    "accept": "Verdicts that do not count: 'soft_404', or 'soft_404 PATTERN'.",
    "change_means": "What makes a new version of a page.",
    "noise": "What is no content: 'css: .ads', 're: Seen [0-9]+ times', dates, counters.",
    "learn_noise": "Whether parts are left out that change by themselves at nearly every visit.",
    "second_look_minutes": "A change is told after another look, so many minutes later; nothing is at once.",
    "keep_versions": "Versions of a page that are kept; nothing is all.",
    "keep_days": "Days that a version is kept; nothing is for ever.",
    "keep_daily": "Whether the last version of each older day is kept.",
    "fields": "Fields of every page: 'name = selector', or a rule with its type and steps.",
    "collections": "Kinds of records, each with its fields.",
}
"""Each setting and what it says, in the order in which a file has them."""


GROUP = "group"
GIVEN: dict[str, tuple[str, ...]] = {
    "schedule": ("schedule", "interval_seconds", "cron", "time_zone"),
    "lane": ("lane",),
    "priority": ("priority",),
    "delay": ("delay",),
    "per_host": ("per_host",),
    "user_agent": ("user_agent",),
}
"""What a group may give to its seeds, each with the settings that go together."""


class Kind(enum.Enum):
    """What a setting holds, and how it is said what else it may not hold."""

    FLAG = "has to be true or false"
    NUMBER = "has to be a number"
    CHOICE = "has to be one of the words"
    TEXT = "has to be a text; a number or true and false stand in quotes then"
    LINES = "has to be a list of texts, each on a line of its own with '- ' before it"
    PARTS = "has to be a list, each entry on a line of its own with '- ' before it"


@cache
def kind_of(setting: str) -> Kind:
    """What a setting holds. KeyError for a name that is none."""
    if setting in CHOICES:
        return Kind.CHOICE
    if setting in LINES or setting == "tags":
        return Kind.LINES
    if setting in ("requests", "fields", "collections"):
        return Kind.PARTS
    if setting in numbers() or setting == "interval_seconds":
        return Kind.NUMBER
    if setting == GROUP:
        return Kind.TEXT
    return Kind.FLAG if setting == "enabled" or _hints()[setting] is bool else Kind.TEXT


@cache
def _hints() -> dict[str, Any]:
    return get_type_hints(SeedSpec)


def may_be_nothing(setting: str) -> bool:
    """Whether a number may be left empty: no limit."""
    return NoneType in get_args(_hints()[setting])


def words(setting: str) -> list[str]:
    """The words of a choice, as a file has them."""
    if setting == "lane":
        return [lane.label for lane in Lane]
    members: Iterable[Any] = CHOICES[setting].__members__.values()
    return [str(member.value) for member in members]


def of_word(setting: str, word: str) -> Any:
    """What is stored for a word of a choice."""
    return Lane[word.upper()] if setting == "lane" else CHOICES[setting](word)


def word_of(setting: str, value: Any) -> str:
    """The word of what is stored."""
    return Lane(value).label if setting == "lane" else str(CHOICES[setting](value).value)


@cache
def _defaults() -> dict[str, Any]:
    return {field.name: field.default for field in msgspec.structs.fields(SeedSpec)}


def default_of(setting: str) -> Any:
    """What a setting is where a file says nothing, in the form that is checked."""
    kind = kind_of(setting)
    if setting == "tags" or kind is Kind.PARTS:
        return []
    if setting == "enabled":
        return True
    return "" if kind is Kind.LINES or setting == GROUP else _defaults()[setting]
