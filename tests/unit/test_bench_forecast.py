"""The bench of forecasts: its sites are as large as it says, and small ones are told well."""

from __future__ import annotations

import pytest

from benchmarks.forecast.sites import sites
from tests.fakeweb.answers import Request
from tests.fakeweb.sized import SizedSite, blog, documentation, forum, shop, sparse, wiki

SMALL = (
    *(documentation(3, 2, 4), wiki(40), shop(3, 45, 6, name="shop", all_numbers=False), blog(60)),
    *(forum(2, 30, 14), sparse(70)),
)


@pytest.mark.parametrize("site", SMALL, ids=lambda site: site.name)
def test_a_site_has_as_many_pages_as_it_says(site: SizedSite) -> None:
    seen, left = {"/"}, ["/"]
    while left:
        links = site.links(left.pop())
        assert links is not None
        left += [link for link in dict.fromkeys(links) if link not in seen]
        seen |= set(links)
    assert len(seen) == site.pages


def test_there_are_twenty_sites_and_they_answer() -> None:
    known = list(sites(quick=False))
    assert len(known) == len({each.name for each in known}) == 20
    for each in known:
        assert each.site.answer(Request("GET", "/", {})).status == 200
