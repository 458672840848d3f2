"""What other packages plug in: entry points of a group, next to our own registry of the same form.

A registry maps a name to ``package.module:function``, as entry points are written. Nothing is imported before
it is used; our own names win.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from pkgutil import resolve_name
from typing import Any


@cache
def plugged(group: str) -> Mapping[str, str]:
    """The entry points of a group, such as ``crawlbeat.steps``, by name. Looked for once a process."""
    return {entry.name: entry.value for entry in entry_points(group=group)}


@cache
def load(reference: str) -> Any:
    """What ``package.module:function`` names, its module imported at first use."""
    return resolve_name(reference)
