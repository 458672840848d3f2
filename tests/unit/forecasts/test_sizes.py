"""How many pages a site has, from the pages that were seen: each way of knowing it, by itself."""

from __future__ import annotations

import random
from zlib import crc32

import pytest

from crawler.forecasting.curves import Estimate, Samples, together
from crawler.forecasting.forecast import Rhythm, forecast
from crawler.forecasting.kinds import Kinds
from crawler.forecasting.numbers import counted
from crawler.forecasting.rows import Rows, place_of
from crawler.forecasting.seen import SeenPage, SeenSitemap, Survey

SITE = "http://a.example"


def page(path: str, *links: str, depth: int = 0, **values: object) -> SeenPage:
    """A page that says something of its own."""
    own = {"signature": crc32(path.encode()), **values}
    return SeenPage(url=f"{SITE}{path}", links=[f"{SITE}{link}" for link in links], depth=depth, **own)


def survey(*pages: SeenPage, **values: object) -> Survey:
    return Survey(starts=[f"{SITE}/"], pages=list(pages), **values)


def test_a_site_of_which_all_was_seen_is_counted_exactly() -> None:
    result = forecast(survey(page("/", "/a", "/b"), page("/a", "/"), page("/b", "/a")), Rhythm())
    assert (result.pages, result.least, result.most, result.exact) == (3, 3, 3, True)


def test_lists_that_were_seen_speak_for_those_that_were_not() -> None:
    front = page("/", *[f"/tag/{name}" for name in "abcdefghij"])
    lists = [page(f"/tag/{name}", *[f"/post/{name}{n}x" for n in range(20)], depth=1) for name in "abcd"]
    assert forecast(survey(front, *lists), Rhythm()).pages == pytest.approx(1 + 10 + 200, rel=0.02)


def test_pages_that_link_at_random_are_told_from_how_often_they_meet() -> None:
    dice = random.Random(1)
    names = [f"/wiki/{dice.randrange(10**9):x}y" for _ in range(1000)]
    seen = [page(name, *dice.choices(names, k=15), depth=1) for name in names[:40]]
    assert forecast(survey(page("/", *names[:5]), *seen), Rhythm()).pages == pytest.approx(1000, rel=0.2)


def test_a_sitemap_is_believed_as_far_as_it_lists_what_is_linked() -> None:
    listed = [f"{SITE}/item/n{n}x" for n in range(100)]
    sitemap = SeenSitemap(url=f"{SITE}/sitemap.xml", count=100, sample=listed)
    half = [f"/item/n{n}x" for n in range(10)] + [f"/item/m{n}x" for n in range(10)]
    result = forecast(survey(page("/", *half), sitemaps=[sitemap]), Rhythm())
    assert result.pages == pytest.approx(201, rel=0.02)


def test_a_sitemap_that_nothing_links_to_counts_for_a_seed_that_uses_sitemaps() -> None:
    sitemap = SeenSitemap(url=f"{SITE}/s.xml", count=50, sample=[f"{SITE}/item/n{n}x" for n in range(50)])
    result = forecast(survey(page("/"), sitemaps=[sitemap]), Rhythm())
    assert (result.pages, result.listed_only) == (1, 50)
    assert forecast(survey(page("/"), sitemaps=[sitemap], uses_sitemaps=True), Rhythm()).pages == 51


def test_numbers_count_pages_only_where_they_come_in_runs() -> None:
    dense = [[f"{SITE}/p/{begin + n}" for n in range(5)] for begin in range(100, 9_000, 500)]
    urls = [url for shown in dense for url in shown]
    estimate = counted(urls, dense)
    assert estimate and estimate.number == pytest.approx(9_000, rel=0.1)
    sparse = [[f"{SITE}/p/{begin + 97 * n}" for n in range(5)] for begin in range(100, 9_000, 500)]
    assert counted([url for shown in sparse for url in shown], sparse) is None


@pytest.mark.parametrize(
    ("paths", "count"),
    [
        (["/l?page=2", "/l?page=17"], 16),
        (["/l?page=1", "/l?page=3"], 3),
        (["/l?start=20", "/l?start=100"], 5),
        (["/l/page/2/", "/l/page/9/"], 8),
    ],
)
def test_a_row_has_all_pages_up_to_the_last_that_is_known(paths: list[str], count: int) -> None:
    rows = Rows(f"{SITE}{path}" for path in paths)
    (row,) = rows
    assert len(rows.all_of(row)) == count


def test_an_address_with_a_number_that_is_no_page_of_a_list_has_no_place() -> None:
    assert place_of(f"{SITE}/item/12") is None
    assert place_of(f"{SITE}/l?q=a&page=12") == (f"{SITE}/l?q=a&page={{}}", 12)


def test_folders_with_pages_of_their_own_are_one_tree() -> None:
    tree = Kinds([f"{SITE}/{name}{rest}" for name in "abcdefg" for rest in ("", "/x")])
    assert tree.of(f"{SITE}/a/x") == tree.of(f"{SITE}/b/x")
    begun = Kinds([*[f"{SITE}/{name}" for name in "abc"], f"{SITE}/a/x"])
    assert begun.of(f"{SITE}/a/x") == begun.of(f"{SITE}/b/x")
    shop = Kinds([f"{SITE}/category/a", f"{SITE}/product/b"])
    assert shop.of(f"{SITE}/category/a") != shop.of(f"{SITE}/product/b")


def test_samples_without_anything_twice_grow_as_they_began() -> None:
    assert Samples([{1, 2}, {3, 4}]).after(10, apart=True).number == 20
    assert Samples([{1, 2}, {3, 4}]).after(10).number < 10
    assert Samples([{1, 2}, {1, 2}]).after(10).number == 2


def test_the_surer_of_two_estimates_counts_more() -> None:
    both = together(Estimate(100, 0.02), Estimate(200, 0.4))
    assert 100 <= both.number < 105


def test_a_limit_of_pages_limits_the_forecast() -> None:
    front = page("/", *[f"/p{n}x" for n in range(500)])
    result = forecast(survey(front), Rhythm(max_pages=50))
    assert (result.pages, result.limited, result.requests) == (50, True, 50)


def test_the_pace_and_the_schedule_make_times_and_sizes() -> None:
    seen = [
        page("/", "/a", size=1000, packed=500, seconds=0.5),
        page("/a", size=3000, packed=700, seconds=0.5),
    ]
    result = forecast(survey(*seen), Rhythm(delay=1.5, connections=2, runs_a_month=60))
    assert (result.page_bytes, result.stored_bytes, result.run_seconds) == (2000, 600, 2.0)
    assert (result.requests_a_day, result.first_bytes, result.month_bytes) == (4.0, 1200, 72_000)


def test_pages_that_lead_to_ever_further_ones_are_at_least_so_many() -> None:
    chain = [page(f"/n{at}x", f"/n{at + 1}x", depth=at) for at in range(1, 30)]
    result = forecast(survey(page("/", "/n1x"), *chain), Rhythm())
    assert result.open_ended and result.pages >= 30


def test_what_is_extrapolated_far_is_less_sure() -> None:
    def of(count: int) -> float:
        names = [f"/tag/t{n}x" for n in range(count)]
        lists = [page(name, *[f"/post{name[5:]}{n}y" for n in range(20)], depth=1) for name in names[:5]]
        result = forecast(survey(page("/", *names), *lists), Rhythm())
        return result.most / result.pages

    assert of(6) < of(50) < of(500)


def test_kinds_of_some_sections_stay_apart() -> None:
    urls = [f"{SITE}/{name}{rest}" for name in ("blog", "shop") for rest in ("", "/item/x", "/list/y")]
    assert Kinds(urls).of(f"{SITE}/shop/item/z") == f"{SITE}/shop/item/*"


def lists(pages: int, count: int, **said: int) -> Survey:
    """A front with lists of so many pages each, of which two were followed to their end."""
    heads = [f"/c/l{n}x" for n in range(count)]
    seen = [page("/", *heads)]
    for at, head in enumerate(heads[:3]):
        own = [f"/item/{at}-{n}y" for n in range(10)]
        seen.append(page(head, *own, f"{head}?page=2", depth=1, **said))
        if at < 2:
            seen.append(page(f"{head}?page={pages}", f"/item/{at}-lasty", depth=2))
            beyond = SeenPage(url=f"{SITE}{head}?page={pages + 1}", stored=False, guessed=True)
            seen.append(beyond)
    return survey(*seen)


@pytest.mark.parametrize("said", [{}, {"pages_said": 8}, {"things_said": 75}])
def test_lists_that_were_not_followed_are_as_long_as_others_or_as_they_say(said: dict[str, int]) -> None:
    result = forecast(lists(8, 5, **said), Rhythm())
    (rows,) = [kind for kind in result.kinds if kind.pattern.endswith("?page")]
    assert rows.pages == pytest.approx(5 * 7, rel=0.15)


def test_parts_of_pages_are_as_many_as_pages_have() -> None:
    items = [f"/item/i{n}x" for n in range(60)]
    copies = [page(item, f"{item}?print=1", *items[:3], depth=1) for item in items[:6]]
    prints = [page(f"{item}?print=1", *items[3:9], depth=2) for item in items[:3]]
    result = forecast(survey(page("/", *items), *copies, *prints), Rhythm())
    assert result.pages == pytest.approx(121, rel=0.1)


def test_what_a_sitemap_alone_names_is_not_counted_where_links_lead_to_nothing_new() -> None:
    known = [f"/item/i{n}x" for n in range(10)]
    more = [f"{SITE}/item/z{n}x" for n in range(500)]
    seen = [page("/", *known), *[page(path, "/", *known[:3], depth=1) for path in known]]
    listing = SeenSitemap(url="s", count=510, sample=[*(f"{SITE}{path}" for path in known), *more])
    assert forecast(survey(*seen, sitemaps=[listing]), Rhythm()).pages == 11
    assert forecast(survey(*seen, sitemaps=[listing], uses_sitemaps=True), Rhythm()).pages > 400


def test_a_redirect_stands_for_a_page_that_no_other_link_leads_to() -> None:
    old, new = [f"/go/{n}x" for n in range(10)], [f"/item/{n}y" for n in range(10)]
    moved = [
        SeenPage(url=f"{SITE}{path}", stored=False, leads_to=f"{SITE}{to}")
        for path, to in zip(old, new, strict=True)
    ]
    there = [page(path, "/", depth=1) for path in new]
    assert forecast(survey(page("/", *old), *moved, *there), Rhythm()).pages == 11
    assert forecast(survey(page("/", *old, *new), *moved, *there), Rhythm()).pages == 11
