"""What lists say of their size, and what looks like it and is none."""

from __future__ import annotations

import pytest

from crawler.forecasting.said import Said, said_in


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Page 3 of 12", Said(pages=12)),
        ("Seite 1 von 40", Said(pages=40)),
        ("Showing 1-24 of 1,280", Said(things=1280)),
        ("1–20 von 3.400 Ergebnissen", Said(things=3400)),
        ("280 results", Said(things=280)),
        ("12 of our best offers, since 2019", Said()),
        ("Call 555-0100 on page 7", Said()),
    ],
)
def test_a_list_says_how_many_there_are(text: str, said: Said) -> None:
    assert said_in(text) == said
