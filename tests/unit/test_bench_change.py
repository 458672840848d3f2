"""Each kind of noise makes no change once it is learned, and hides none that a person made."""

from __future__ import annotations

import pytest

from benchmarks.change.noises import CONTENTS, HELD_OUT, NOISES
from benchmarks.change.sites import EDITS, SITES
from benchmarks.change.truth import Figures, watched

ARTICLES, SHOP, LISTS = SITES
CHANGES_DAILY = "saying of the day"  # nothing tells it from a text that somebody writes every day


def watched_for_some_days(noise: str) -> Figures:
    return watched(SHOP, noise, 4, 22)


@pytest.mark.parametrize("noise", [*NOISES, *sorted(HELD_OUT.keys() - {CHANGES_DAILY})])
def test_a_noise_makes_no_change_once_it_is_learned(noise: str) -> None:
    figures = watched_for_some_days(noise)
    assert figures.other_bytes > figures.planted.total() > 0
    assert figures.false == figures.false_while_learning < 0.15 * figures.looks
    assert figures.told == figures.planted


@pytest.mark.parametrize("content", CONTENTS)
def test_content_that_changes_at_each_look_is_never_left_out(content: str) -> None:
    assert watched_for_some_days(content).learned_after == []


def test_markup_and_lag_make_no_change_even_before() -> None:
    assert watched_for_some_days("markup only").false == 0
    assert watched_for_some_days("CDN lag").false == 0


def test_a_change_that_lag_hides_is_told_at_a_later_look() -> None:
    figures = watched_for_some_days("CDN lag")
    assert max(figures.waits) > 60 > min(figures.waits)


def test_every_kind_of_edit_is_planted() -> None:
    planted = {edit for site in SITES for edit in watched(site, "markup only", 2, 32).planted}
    assert planted == set(EDITS)
