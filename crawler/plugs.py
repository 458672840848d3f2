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
    "crawlbeat.field_kinds": ("check", "compile"),
    "crawlbeat.sources": ("sniff", "read"),
    "crawlbeat.steps": (),
    "crawlbeat.types": (),
    "crawlbeat.verdicts": ("judge",),
}
"""By group, the functions of the module that an entry point names; none: it names a function. Extractors have
a group too, but run in processes of their own (:mod:`crawler.reading.own_code`)."""


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
def load(reference: str, functions: tuple[str, ...] = ()) -> Any:
    """What ``package.module:function`` names, or a module with these functions; imported at first use.

    ValueError, with a sentence for people, if it cannot be imported or is something else.
    """
    try:
        target = resolve_name(reference)
    except _AT_IMPORT as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(f"{reference} cannot be imported. {type(error).__name__}: {reason}") from error
    missing = [name for name in functions if not callable(getattr(target, name, None))]
    if missing:
        raise ValueError(f"{reference} cannot be used: it has no function {' and no '.join(missing)}.")
    if not functions and not callable(target):
        raise ValueError(f"{reference} cannot be used: it is not a function.")
    return target


def load_plugged(group: str) -> dict[str, Any]:
    """By name, what packages plug into a group and can be used; the log and the doctor name the rest."""
    loaded = {}
    for name, reference in plugged(group).items():
        try:
            loaded[name] = load(reference, GROUPS[group])
        except ValueError as error:
            log.error("the entry point %s of %s is left out: %s", name, group, error)
    return loaded
