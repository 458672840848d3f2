"""The numbers of a seed: one declaration says their range and their default."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.seeds.numbers import check_number, default_of, numbers, range_of
from crawler.seeds.spec import SeedSpec

EXPECTED = {  # least, most, default
    "max_depth": (0, 32_767, None),
    "max_pages": (1, 2_147_483_647, None),
    "delay": (0, 3600, 1.0),
    "per_host": (1, 64, 1),
    "max_url_length": (1, 2_147_483_647, 2000),
    "max_repeated_segments": (1, 32_767, 3),
    "max_pages_per_host": (1, 2_147_483_647, 1_000_000),
    "max_same_text": (1, 2_147_483_647, 100),
    "catch_up_limit": (1, 100, 10),
    "priority": (0, 9, 5),
    "max_minutes": (1, 2_147_483_647, None),
    "second_look_minutes": (1, 1440, 5),
    "keep_versions": (2, 2_147_483_647, None),
    "keep_days": (1, 36_500, None),
}


def test_all_numbers_are_known():
    assert set(numbers()) == set(EXPECTED)
    assert len(numbers()) == len(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_range_and_default(name):
    least, most, default = EXPECTED[name]
    assert range_of(name) == (least, most)
    assert default_of(name) == default == getattr(SeedSpec(start_urls=()), name)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_number_is_good_from_its_least_to_its_most(name):
    least, most = range_of(name)
    assert check_number(name, least) == least
    assert check_number(name, most) == most
    with pytest.raises(ValueError, match=f"greater than or equal to {least}"):
        check_number(name, least - 1)
    with pytest.raises(ValueError, match=f"less than or equal to {most}"):
        check_number(name, most + 1)


@pytest.mark.parametrize("name", EXPECTED)
def test_every_default_is_in_its_range(name):
    assert check_number(name, default_of(name)) == default_of(name)


def test_nothing_written_is_no_number():
    assert check_number("max_pages", None) is None


@pytest.mark.parametrize("value", [math.nan, -math.inf, math.inf, -0.001, 3600.001])
def test_a_delay_is_a_number_of_seconds(value):
    with pytest.raises(ValueError, match="Ensure this value is"):
        check_number("delay", value)


@given(st.sampled_from(sorted(EXPECTED)), st.floats() | st.integers(-(2**40), 2**40))
def test_what_passes_is_unchanged_and_within(name, value):
    least, most, _ = EXPECTED[name]
    whole = name == "delay" or value in (math.inf, -math.inf) or value != value or value == int(value)
    try:
        assert check_number(name, value) == value
    except ValueError:
        assert not (least <= value <= most and whole)
    else:
        assert least <= value <= most
        assert whole


@pytest.mark.parametrize("name", sorted(EXPECTED.keys() - {"delay"}))
def test_what_is_counted_is_whole(name):
    least, _, _ = EXPECTED[name]
    with pytest.raises(ValueError, match="^Enter a whole number"):
        check_number(name, least + 0.5)
    assert repr(check_number(name, float(least))) == str(least)


def test_a_delay_may_be_half_a_second():
    assert check_number("delay", 0.5) == 0.5


@pytest.mark.parametrize("name", ["start_urls", "interval_seconds", "max_seconds", "shoe_size", ""])
def test_what_is_no_number_of_a_seed(name):
    for ask in (range_of, lambda name: check_number(name, 1)):
        with pytest.raises(KeyError):
            ask(name)
