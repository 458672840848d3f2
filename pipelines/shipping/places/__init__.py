"""Kinds of places that data goes to: one module each, with what :class:`~.place.Place` names.

Packages of other people add theirs by an entry point of the group ``crawlbeat.places``: its name is the kind,
its target such a module.
"""

from __future__ import annotations

from typing import cast

from crawler.plugs import GROUPS, load, plugged
from pipelines.shipping.places.place import Place

GROUP = "crawlbeat.places"
PLACES = {
    "folder": "pipelines.shipping.places.folder",
    "s3": "pipelines.shipping.places.s3",
    "sftp": "pipelines.shipping.places.sftp",
    "postgresql": "pipelines.shipping.places.postgresql",
    "webhook": "pipelines.shipping.places.webhook",
    "sheets": "pipelines.shipping.places.sheets",
}
"""The module of every kind of ours, in the order in which people choose."""


def names() -> list[str]:
    """All kinds, those of other people's packages included."""
    return list(dict.fromkeys([*PLACES, *plugged(GROUP)]))


def place_of(name: str) -> Place:
    """The kind of that name. ValueError, with a sentence, if there is none or it cannot be used."""
    reference = PLACES.get(name) or plugged(GROUP).get(name)
    if reference is None:
        raise ValueError(f"There is no kind of place {name!r}. There are: {', '.join(names())}.")
    return cast("Place", load(reference, GROUPS[GROUP]))
