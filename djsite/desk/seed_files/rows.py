"""A row of a seed as a file says it, and back: the values of secret headers never leave the row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.models import Seed
from crawler.seeds.files.settings import SETTINGS
from crawler.seeds.files.writing import write_seeds
from djsite.desk import kept_headers

HEADERS = "headers"


def kept_seeds() -> Iterable[Seed]:
    """The seeds that a file is about: those that people keep, not those of ``crawlbeat crawl``."""
    return Seed.objects.alive().filter(origin=Seed.Origin.SITE)


def settings_of(seed: Seed) -> dict[str, Any]:
    """What is said of a seed, in the form of :mod:`crawler.seeds.files`."""
    return {name: kept_headers.shown(seed) if name == HEADERS else getattr(seed, name) for name in SETTINGS}


def text_of(seeds: Iterable[Seed]) -> str:
    """The file that says these seeds."""
    return write_seeds(map(settings_of, seeds))


def put(settings: Mapping[str, Any], seed: Seed) -> None:
    """Set what a file says on a row; the row is not saved.

    Raises ValidationError if a header is to keep a value that there is not.
    """
    headers = kept_headers.read(settings[HEADERS], seed)
    for name in SETTINGS:
        setattr(seed, name, headers if name == HEADERS else settings[name])
