"""Six sites of our own whose records are known: each as facts, shown by three designs (:mod:`.site`).

for site_type in SITES.values():
    with FakeWeb(site := site_type(size=50)) as web:
        site.base = web.url
        ...
        site.revision += 1  # some values change, some items go, some are new
        site.design = "b"  # the same facts in other markup
        site.verdict = "block_page"  # every page is a block page now
"""

from __future__ import annotations

from typing import Any

from tests.fakeweb.sites.api import Api
from tests.fakeweb.sites.articles import Magazine
from tests.fakeweb.sites.jobs import JobBoard
from tests.fakeweb.sites.recipes import Recipes
from tests.fakeweb.sites.reference import Reference
from tests.fakeweb.sites.shop import Shop
from tests.fakeweb.sites.site import DESIGNS, Design, Expected, FactSite
from tests.fakeweb.sites.verdicts import INNOCENT, SAMPLES, Sample

SITES: dict[str, type[FactSite[Any]]] = {
    site.name: site for site in (Shop, Magazine, JobBoard, Reference, Api, Recipes)
}
"""By name."""

__all__ = ["DESIGNS", "INNOCENT", "SAMPLES", "SITES", "Design", "Expected", "FactSite", "Sample"]
