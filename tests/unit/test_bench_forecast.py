"""The bench of forecasts: its sites are as large as it says, and small ones are told well."""

from __future__ import annotations

import pytest

from benchmarks.forecast import memory
from benchmarks.forecast.drawn.drawing import draw
from benchmarks.forecast.drawn.shapes import KINDS
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


@pytest.mark.parametrize("number", [9, 20, 58])
def test_a_number_draws_the_same_site_each_time(number: int) -> None:
    first, again = draw(number), draw(number)
    assert (first.name, first.pages, first.listed) == (again.name, again.pages, again.listed)
    assert first.links("/") == again.links("/")


def test_all_kinds_are_drawn_in_turn() -> None:
    names = [draw(number).name for number in (9, 20)]
    assert len(KINDS) == 10 and all(" small" in name for name in names)


def test_a_forecast_of_a_drawn_site_makes_fifty_requests_at_most_and_has_the_truth() -> None:
    site = draw(20)
    result = memory.forecast_of(site)
    assert result.asked <= 50
    assert result.least <= site.pages <= result.most
