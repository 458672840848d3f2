"""Traps that a forecast meets: each kind of them, and what looks like one and is none."""

from __future__ import annotations

import pytest

from crawler.forecasting.forecast import Rhythm, forecast
from crawler.forecasting.seen import Survey
from tests.unit.forecasts.test_sizes import SITE, page, survey


def causes(seen: Survey) -> set[str]:
    return {trap.cause for trap in forecast(seen, Rhythm()).traps}


def calendar(first: int) -> Survey:
    months = [f"/calendar?month=2026-{month:02}" for month in range(1, 13)]
    pages = [
        page(months[at], months[at - 1], months[at + 1], signature=at) for at in range(first, first + 9, 3)
    ]
    return survey(page("/", months[first]), *pages)


@pytest.mark.parametrize(
    ("cause", "seen"),
    [
        ("calendar", calendar(1)),
        ("session", survey(*[page(f"/{n}x", f"/a?token={n}f3a9c1d77e{n}") for n in range(4)])),
        ("filters", survey(page("/", *[f"/l?color={n % 6}&size={n // 6}" for n in range(36)]))),
        ("same", survey(page("/", "/i/a"), *[page(f"/i/{n}", f"/i/{n}x", signature=7) for n in "abcde"])),
        ("repeated", survey(page("/", "/x/x/x/x/x/a"))),
    ],
)
def test_a_trap_is_named_and_not_counted(cause: str, seen: Survey) -> None:
    assert causes(seen) == {cause}
    assert forecast(seen, Rhythm()).pages < 40


def test_posts_by_date_are_no_calendar() -> None:
    posts = [f"/2026/01/{day:02}/post-{day}x" for day in range(1, 20)]
    pages = [page(posts[at], posts[at - 1], posts[at + 1], signature=at) for at in range(1, 13, 3)]
    assert causes(survey(page("/", *posts[:3]), *pages)) == set()


def test_the_start_of_a_survey_needs_no_pages() -> None:
    assert forecast(Survey(starts=[f"{SITE}/"]), Rhythm()).pages == 1
