"""A row of a seed as a file says it, and back: the values of secret headers never leave the row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.models import Seed
from crawler.seeds.files.settings import GROUP, SETTINGS
from crawler.seeds.files.writing import plain_group, plain_seed, write_plain
from djsite.desk import kept_headers
from djsite.desk.grouping.settings import columns_of, given, taken

HEADERS = "headers"


def kept_seeds() -> Iterable[Seed]:
    """The seeds that a file is about: those that people keep, not those of ``crawlbeat crawl``."""
    return Seed.objects.alive().filter(origin=Seed.Origin.SITE).select_related("group")


def settings_of(seed: Seed) -> dict[str, Any]:
    """What is said of a seed, in the form of :mod:`crawler.seeds.files`."""
    of_others = {HEADERS: kept_headers.shown(seed), GROUP: seed.group.name if seed.group else ""}
    return {name: of_others[name] if name in of_others else getattr(seed, name) for name in SETTINGS}


def definition_of(seed: Seed) -> dict[str, Any]:
    """A seed as a file has it: what its group gives is left out, and what it has instead is said."""
    settings = seed.group.settings if seed.group else {}
    left_out = columns_of(settings, taken(seed))
    said = columns_of(settings, given(settings)).keys() - left_out.keys()
    return plain_seed(settings_of(seed), left_out=left_out, said=said)


def text_of(seeds: Iterable[Seed]) -> str:
    """The file that says these seeds, and the groups in which they are."""
    chosen = list(seeds)
    groups = {seed.group.name: seed.group.settings for seed in chosen if seed.group}
    return write_plain(
        map(definition_of, chosen), (plain_group(name, groups[name]) for name in sorted(groups))
    )


def put(settings: Mapping[str, Any], seed: Seed) -> None:
    """Set what a file says on a row, but for its group; the row is not saved.

    Raises ValidationError if a header is to keep a value that there is not.
    """
    headers = kept_headers.read(settings[HEADERS], seed)
    for name in SETTINGS.keys() - {GROUP}:
        setattr(seed, name, headers if name == HEADERS else settings[name])
