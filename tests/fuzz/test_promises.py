"""Hypothesis tries each promise with its own words, mixed and broken."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import words
from tests.fuzz.promises import PROMISES

pytestmark = pytest.mark.timeout(1800)  # of the long profile


def texts(text: str) -> st.SearchStrategy[bytes]:
    """Texts of these words and of anything else."""
    known = st.sampled_from([word for word in text.split("|") if word] + ["|"])
    part = known | known | known | st.text(max_size=3) | st.integers().map(str)
    mixed = st.lists(part, max_size=30).map(lambda parts: "".join(parts).encode("utf-8", "surrogatepass"))
    return mixed | st.binary(max_size=200)


WORDS = {
    "html": words.MARKUP,
    "xml": f"{words.XML}|{words.MARKUP}",
    "sitemap": words.XML,
    "robots": words.ROBOTS,
    "headers": words.HEADERS,
    "url": words.URLS,
    "seed_lines": f"{words.URLS}|Name: value|10.0.0.0/8|fd00::|ref_*",
    "pattern": words.PATTERNS,
    "cron_line": words.CRON,
    "field_line": words.FIELDS,
    "step_chain": f"{words.VALUES}|{words.STEPS}",
    "field_value": words.VALUES,
}


def test_every_promise_has_words() -> None:
    assert WORDS.keys() == PROMISES.keys()


@pytest.mark.parametrize("name", PROMISES)
def test_the_promise_is_kept(name: str) -> None:
    @settings(deadline=None)
    @given(texts(WORDS[name]))
    def always(data: bytes) -> None:
        PROMISES[name](data)

    always()
