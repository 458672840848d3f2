"""Kinds of channels: one module each, with what :class:`pipelines.telling.kinds.kind.Kind` names.

Packages of other people add theirs by an entry point of the group ``crawlbeat.channels``: its name is the
kind, its target such a module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from crawler.plugs import GROUPS, load, plugged

if TYPE_CHECKING:  # the process of Apprise, whose module is here, knows no tables
    from pipelines.telling.kinds.kind import Kind

GROUP = "crawlbeat.channels"
KINDS = {
    "mail": "pipelines.telling.kinds.mail",
    "webhook": "pipelines.telling.kinds.webhook",
    "slack": "pipelines.telling.kinds.slack",
    "teams": "pipelines.telling.kinds.teams",
    "discord": "pipelines.telling.kinds.discord",
    "ntfy": "pipelines.telling.kinds.ntfy",
    "apprise": "pipelines.telling.kinds.apprise",
}
"""The module of every kind of ours, in the order in which people choose."""


def names() -> list[str]:
    """All kinds, those of other people's packages included."""
    return list(dict.fromkeys([*KINDS, *plugged(GROUP)]))


def kind_of(name: str) -> Kind:
    """The kind of that name. ValueError, with a sentence, if there is none or it cannot be used."""
    reference = KINDS.get(name) or plugged(GROUP).get(name)
    if reference is None:
        raise ValueError(f"There is no kind of channel {name!r}. There are: {', '.join(names())}.")
    return cast("Kind", load(reference, GROUPS[GROUP]))
