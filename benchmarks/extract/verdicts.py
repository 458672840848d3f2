"""Verdicts on answers that deserve one, on answers that only look so, and on all pages of the sites."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from benchmarks.extract.reading import document_of
from crawler.reading.verdicts.judging import judge
from tests.fakeweb.sites import DESIGNS, INNOCENT, SAMPLES, FactSite, Sample

NONE = ""
"""What deserves no verdict, or gets none."""


def confusion(sites: list[FactSite[Any]]) -> Counter[tuple[str, str]]:
    """How many answers of each kind got which verdict: (true, given)."""
    counts = Counter((kind, _verdict(*sample.reply)) for kind, sample in _samples())
    for site in sites:
        for design in DESIGNS:
            for path in ("/", *site.paths(0)):
                counts[NONE, _verdict(*site.page(path, 0, design), url=site.base + path)] += 1
    return counts


def _samples() -> Iterator[tuple[str, Sample]]:
    for kind, samples in ((NONE, INNOCENT), *SAMPLES.items()):
        yield from ((kind, sample) for sample in samples)


def _verdict(status: int, headers: dict[str, str], body: bytes, url: str = "http://site.test/item/1") -> str:
    verdict = judge(document_of(body, headers["Content-Type"]), url=url, status=status)
    return verdict.kind if verdict else NONE
