"""The formats of exports and their names. :mod:`pipelines.export.formats` writes them."""

from __future__ import annotations

from typing import NamedTuple


class Format(NamedTuple):
    """A format: its name, also the ending of its files; its label for people; its media type."""

    name: str
    label: str
    media_type: str


FORMATS = {
    form.name: form
    for form in (
        Format("jsonl", "JSON Lines", "application/x-ndjson; charset=utf-8"),
        Format("csv", "CSV", "text/csv; charset=utf-8"),
    )
}
"""Every format by name, in the order in which people see them. The first is the default."""
