"""Names of files at a place, by which an outlet finds its own again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.text import slugify

from catalog.formats import ending
from catalog.models import Outlet, Shipment

FILE_NAME = "file_name"  # the option of an outlet whose file has the same name each time
MANIFEST = ".manifest.json"
_SAFE = re.compile(r"[\w][\w .()+-]{0,150}")


def check_name(options: Mapping[str, Any]) -> str:
    """What is wrong with the name that a person gives; empty: nothing."""
    name = str(options.get(FILE_NAME, ""))
    if not name or _SAFE.fullmatch(name):
        return ""
    return "Give the name of a file without folders, such as prices.csv."


def name_of(outlet: Outlet, shipment: Shipment) -> str:
    """The name of a shipment's file: ``prices-7-000012-whole.csv.gz``, with the numbers of both."""
    if not outlet.format:
        return ""
    if name := outlet.options.get(FILE_NAME):
        return str(name)
    kind = ending(outlet.format, outlet.compression)
    return f"{_stem(outlet)}-{shipment.number:06}-{shipment.share}.{kind}"


def own_names(outlet: Outlet) -> Callable[[str], int | None]:
    """What gives the number of the shipment in the name of a file, or of its manifest; None for another's."""
    pattern = re.compile(rf"{re.escape(_stem(outlet))}-(\d{{6,}})-(?:whole|since)\.[a-z]+(?:\.[a-z]+)*")

    def number_in(name: str) -> int | None:
        match = pattern.fullmatch(name)
        return int(match[1]) if match else None

    return number_in


def _stem(outlet: Outlet) -> str:
    return f"{slugify(outlet.name)[:60] or 'data'}-{outlet.pk}"
