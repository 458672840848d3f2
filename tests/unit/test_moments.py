"""The moment that a person writes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from djsite.desk.as_of.moments import moment_of

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "hour"),
    [("2026-11-20", 0), ("2026-11-20T08:00", 8), (" 2026-11-20 08:00 ", 8), ("2026-11-20T08:00+02:00", 6)],
)
def test_a_moment_is_in_utc_unless_it_names_a_zone(text: str, hour: int) -> None:
    assert moment_of(text, NOW) == datetime(2026, 11, 20, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13-01", "0001-01-01T00:00+23:00", "2026-11-27T09:00"]
)
def test_what_is_no_moment_of_the_past_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="is no time; write one such as|is still to come"):
        moment_of(text, NOW)
