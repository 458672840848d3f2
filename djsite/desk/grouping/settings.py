"""The settings that a group may give, each with its columns; and which of them a seed takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.models import Seed
from crawler.seeds.files.settings import GIVEN as COLUMNS

LABELS = {
    "schedule": "Schedule",
    "lane": "Turn",
    "priority": "Priority",
    "delay": "Seconds between requests",
    "per_host": "Connections a host",
    "user_agent": "User agent",
}


def given(settings: Mapping[str, Any]) -> list[str]:
    """The settings that these columns of a group give."""
    return [name for name, columns in COLUMNS.items() if any(column in settings for column in columns)]


def columns_of(settings: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    """The columns of some settings, as far as a group gives them."""
    wanted = [column for name in names for column in COLUMNS.get(name, ())]
    return {column: settings[column] for column in wanted if column in settings}


def taken(seed: Seed) -> list[str]:
    """Of the settings that a seed took from its group, those that it still has as the group gives them."""
    if seed.group is None:
        return []
    settings = seed.group.settings
    return [
        name
        for name in given(settings)
        if name in seed.inherits
        and all(getattr(seed, column) == value for column, value in columns_of(settings, [name]).items())
    ]


def from_group(seed: Seed) -> frozenset[str]:
    """The columns that a seed has from its group."""
    if seed.group_id is None:
        return frozenset()
    return frozenset(column for name in taken(seed) for column in COLUMNS[name])
