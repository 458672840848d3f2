"""What other packages plug in: entry points of a group, next to our own registry of the same form.

A registry maps a name to ``package.module:function``, as entry points are written. Nothing is imported before
it is used; our own names win. What cannot be used is said by whoever needs it, and stops nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from pkgutil import resolve_name
from typing import Any

log = logging.getLogger(__name__)

GROUPS: Mapping[str, tuple[str, ...]] = {
    "crawlbeat.channels": ("LABEL", "SETTINGS", "check", "send"),
    "crawlbeat.field_kinds": ("check", "compile"),
    "crawlbeat.places": ("LABEL", "TAKES", "SETTINGS", "check", "send", "probe"),
    "crawlbeat.sources": ("sniff", "read"),
    "crawlbeat.steps": (),
    "crawlbeat.types": (),
    "crawlbeat.verdicts": ("judge",),
}
"""By group, the constants and functions of the module that an entry point names; none: it names a function.
Extractors have a group too, but run in processes of their own (:mod:`crawler.reading.own_code`)."""


_AT_IMPORT: tuple[type[Exception], ...] = (
    *(ImportError, SyntaxError, AttributeError, NameError, TypeError, ValueError),
    *(LookupError, ArithmeticError, AssertionError, OSError, RuntimeError),
)
"""What the code of others raises while it is imported."""


@cache
def plugged(group: str) -> Mapping[str, str]:
    """The entry points of a group, such as ``crawlbeat.steps``, by name. Looked for once a process."""
    return {entry.name: entry.value.partition("[")[0].strip() for entry in entry_points(group=group)}


@cache
def load(reference: str, members: tuple[str, ...] = ()) -> Any:
    """What ``package.module:function`` names, or a module with these members; imported at first use.

    ValueError, with a sentence for people, if it cannot be imported or is something else.
    """
    try:
        target = resolve_name(reference)
    except _AT_IMPORT as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(f"{reference} cannot be imported. {type(error).__name__}: {reason}") from error
    if missing := [name for name in members if not _has(target, name)]:
        kind = "" if missing[0].isupper() else "function "
        raise ValueError(f"{reference} cannot be used: it has no {kind}{' and no '.join(missing)}.")
    if not members and not callable(target):
        raise ValueError(f"{reference} cannot be used: it is not a function.")
    return target


def _has(module: Any, name: str) -> bool:
    """Whether a module has a constant, or a function if the name is in small letters."""
    member = getattr(module, name, None)
    return member is not None if name.isupper() else callable(member)


def load_plugged(group: str) -> dict[str, Any]:
    """By name, what packages plug into a group and can be used; the log and the doctor name the rest."""
    loaded = {}
    for name, reference in plugged(group).items():
        try:
            loaded[name] = load(reference, GROUPS[group])
        except ValueError as error:
            log.error("the entry point %s of %s is left out: %s", name, group, error)
    return loaded
