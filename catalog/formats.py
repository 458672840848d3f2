"""The formats of exports: what each is called. How one is written: :mod:`pipelines.export.formats`."""

from __future__ import annotations

from typing import NamedTuple


class Format(NamedTuple):
    """A format: its name, which is a file's ending too; its name for people; its media type."""

    name: str
    label: str
    media_type: str


FORMATS = {
    each.name: each
    for each in (
        Format("jsonl", "JSON Lines", "application/x-ndjson; charset=utf-8"),
        Format("csv", "CSV", "text/csv; charset=utf-8"),
    )
}
"""Every format by name, in the order in which people choose. The first is the usual one."""
