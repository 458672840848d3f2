"""The kinds of places as people choose them."""

from __future__ import annotations

from typing import NamedTuple

from catalog.models import Outlet
from djsite.desk.access.receivers import NETWORKS, Setting, kept_secrets, server_of
from pipelines.shipping.places import names, place_of
from pipelines.shipping.places.place import FILE, Place
from pipelines.telling.kinds.webhook import new_key

__all__ = ["NETWORKS", "Place", "Setting", "place_of"]
_SUMMARIES = {
    "folder": "A file in a folder of the machine where Crawlbeat runs, which may be a network drive.",
    "s3": "A file in a bucket: Amazon S3, MinIO, Cloudflare R2 and others that speak its language.",
    "sftp": "A file on a server that one logs in to by SSH.",
    "postgresql": "Rows of a table, where dbt, Metabase or your own SQL read them.",
    "webhook": "Rows as JSON, sent to an address of your own program.",
    "sheets": "Rows of a Google spreadsheet, by a small script in it.",
}


_WHERE = ("host", "bucket", "folder", "table")  # options that say in a word where it is


class PlaceChoice(NamedTuple):
    """A kind as people choose it."""

    name: str
    label: str
    summary: str
    takes_file: bool
    is_remote: bool  # over a network, which may be a private one


def choice_of(name: str) -> PlaceChoice:
    """A kind by its name. ValueError, with a sentence, for one that cannot be used."""
    place = place_of(name)
    return PlaceChoice(name, place.LABEL, _SUMMARIES.get(name, ""), place.TAKES == FILE, name != "folder")


def place_choices() -> list[PlaceChoice]:
    """The kinds that can be used, in the order in which people choose."""
    choices = []
    for name in names():
        try:
            choices.append(choice_of(name))
        except ValueError:
            continue  # a package of somebody else that cannot be loaded
    return choices


def begun_secrets(name: str) -> dict[str, str]:
    """The secrets that we make for a new outlet, to be copied to its receiver."""
    return {"key": new_key()} if name == "webhook" else {}


def place_label(name: str) -> str:
    """A kind for people; its name if it can no longer be used."""
    return next((choice.label for choice in place_choices() if choice.name == name), name)


def target(outlet: Outlet) -> str:
    """Where an outlet leads, as far as it may be shown: of an address with a token, its server."""
    shown = [str(outlet.options[name]) for name in _WHERE if outlet.options.get(name)]
    return server_of(kept_secrets(outlet).get("url", "")) or ", ".join(shown)


def settings_shown(outlet: Outlet) -> list[tuple[str, str]]:
    """The settings of its place that are no secrets, by their labels."""
    try:
        settings = place_of(outlet.place).SETTINGS
    except ValueError:
        return []
    values = [(each.label, outlet.options.get(each.name)) for each in settings if not each.secret]
    return [(label, _text(value)) for label, value in values if value]


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
