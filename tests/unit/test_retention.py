"""Which versions of a page are kept: the first, the last two, and what the rule of the seed says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.prune.retention import Kept, Rule

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def rule(versions: int | None = None, days: int | None = None, *, daily: bool = False) -> Rule:
    return Rule(versions, days, daily, BERLIN)


def ages(*hours: float) -> list[Kept]:
    """Versions of a page that are so many hours old, the oldest first."""
    moments = (NOW - timedelta(hours=each) for each in sorted(hours, reverse=True))
    return [Kept(number, 1, 1, moment) for number, moment in enumerate(moments)]


def kept(rule: Rule, versions: list[Kept]) -> list[float]:
    """The ages in hours of those that stay."""
    doomed = rule.not_needed(versions, NOW)
    return [(NOW - each.fetched_at) / timedelta(hours=1) for each in versions if each not in doomed]


@pytest.mark.parametrize(
    ("rule", "stay"),
    [
        (rule(versions=3), [200, 49, 40, 1]),
        (rule(days=3), [200, 60, 50, 49, 40, 1]),
        (rule(days=1), [200, 40, 1]),
        (rule(versions=4, days=3), [200, 50, 49, 40, 1]),
        (rule(days=1, daily=True), [200, 100, 40, 1]),
        (rule(daily=True), [200, 100, 40, 1]),
    ],
)
def test_a_rule_keeps_what_it_says_and_the_first_and_the_last_two(rule: Rule, stay: list[float]):
    assert kept(rule, ages(200, 100, 60, 50, 49, 40, 1)) == stay


def test_with_each_days_last_alone_the_versions_of_today_stay():
    assert kept(rule(daily=True), ages(60, 50, 30, 3, 2, 1)) == [60, 50, 30, 3, 2, 1]
    assert kept(rule(versions=2, daily=True), ages(60, 50, 30, 3, 2, 1)) == [60, 50, 30, 2, 1]


def test_a_day_ends_by_the_clock_of_the_seed():
    midnight = 61  # hours ago, in Berlin
    versions = ages(200, midnight + 1, midnight + 0.5, midnight - 0.5, midnight - 1.5, 2, 1)
    assert kept(rule(days=1, daily=True), versions) == [200, 61.5, 59.5, 2, 1]


def test_without_a_rule_all_stay():
    versions = ages(1000, 500, 100, 50, 2, 1)
    assert rule().not_needed(versions, NOW) == []


@given(
    st.lists(st.floats(0, 2000), max_size=40),
    st.none() | st.integers(2, 9),
    st.none() | st.integers(1, 90),
    st.booleans(),
)
def test_what_is_kept_is_kept_once_more(hours, versions, days, daily):
    keeps = rule(versions, days, daily=daily)
    pages = ages(*hours)
    doomed = keeps.not_needed(pages, NOW)
    left = [each for each in pages if each not in doomed]
    assert keeps.not_needed(left, NOW) == [], "a second walk finds nothing"
    assert {*pages[:1], *pages[-2:]} <= set(left)
