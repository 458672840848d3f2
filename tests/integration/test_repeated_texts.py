"""The text watch on a real database: URL templates whose pages say nothing new are closed."""

from __future__ import annotations

import pytest

from catalog.models import Run, RunTemplate, Visit
from crawler.outcomes import Limit, Outcome
from crawler.reading.signature import text_signature
from crawler.rules.traps import ALIKE, SHAPE
from crawler.rules.urls import url_fingerprint
from pipelines.store.repeated_texts import RepeatedTexts
from pipelines.store.runs import BatchRun
from tests.factories import NOW, make_host, make_run, make_seed

pytestmark = pytest.mark.django_db
LIMIT = 3
SHAPE_KEY = url_fingerprint("http://a.test/*/*?")  # that of the reader's URLs
OLD, NEW = "Nothing on this day.", "A concert at eight."


@pytest.fixture
def run() -> Run:
    return make_run(make_seed(max_same_text=LIMIT), Run.State.OPEN)


class Reader:
    """Stores pages as store does: the texts of a batch are watched before its visits are written."""

    def __init__(self, run: Run) -> None:
        self.batch_run = BatchRun(run)
        self.number = 0

    def batch(self, *texts: str, path: str = "day") -> None:
        """Read pages with these texts, each at a URL of its own of one template."""
        watch = RepeatedTexts()
        urls = [f"http://a.test/{path}/{self.number + number}" for number in range(len(texts))]
        self.number += len(texts)
        for url, text in zip(urls, texts, strict=True):
            watch.note(self.batch_run, url, text_signature(text))
        watch.write()
        for url, text in zip(urls, texts, strict=True):
            self._keep(url, text_signature(text))

    def _keep(self, url: str, signature: int) -> None:
        Visit.objects.create(
            run=self.batch_run.run,
            host=make_host(url),
            url=url,
            fingerprint=url_fingerprint(url),
            rank=15,
            due_at=NOW,
            state=Visit.State.DONE,
            outcome=Outcome.STORED,
            text_signature=signature,
        )


@pytest.fixture
def reader(run: Run) -> Reader:
    return Reader(run)


def counts() -> list[tuple[int, int, bool]]:
    """Of each template that has a row: pages in a row with the same text, with one alike; closed."""
    rows = RunTemplate.objects.exclude(template=SHAPE_KEY)
    return list(rows.order_by("pk").values_list("same", "alike", "closed"))


def shape_counts() -> list[tuple[int, int, bool]]:
    return list(RunTemplate.objects.filter(template=SHAPE_KEY).values_list("same", "alike", "closed"))


def test_pages_that_all_say_something_new_leave_no_row(reader: Reader) -> None:
    reader.batch("one", "two", "three")
    reader.batch("four")
    assert counts() == []


def test_pages_that_say_what_was_read_before_are_counted_in_a_row(reader: Reader) -> None:
    reader.batch(OLD)
    reader.batch(OLD)
    assert counts() == [(1, 1, False)]
    reader.batch(OLD)
    assert counts() == [(2, 2, False)]


def test_pages_of_one_batch_count_like_those_of_several(reader: Reader) -> None:
    reader.batch(OLD, OLD, OLD)
    assert counts() == [(2, 2, False)]


def test_at_the_limit_the_template_is_closed_and_the_run_says_why(reader: Reader) -> None:
    reader.batch(*[OLD] * LIMIT)
    assert reader.batch_run.run.limits == {}
    reader.batch(OLD)
    assert counts() == [(LIMIT, LIMIT, True)]
    assert reader.batch_run.run.limits == {Limit.SAME_TEXT.value: 0}


def test_a_page_with_something_new_opens_it(reader: Reader) -> None:
    reader.batch(*[OLD] * (LIMIT + 1))
    reader.batch(NEW)
    assert counts() == [(0, 0, False)]


def test_texts_that_differ_in_numbers_alone_count_for_much_less(reader: Reader) -> None:
    reader.batch(*[f"Day {number}: nothing on." for number in range(LIMIT * ALIKE)])
    assert counts() == [(0, LIMIT * ALIKE - 1, False)]
    reader.batch("Day 1000: nothing on.")
    assert counts() == [(0, LIMIT * ALIKE, True)]


def test_templates_are_counted_apart(reader: Reader) -> None:
    reader.batch(OLD, OLD)
    reader.batch(OLD, path="week")
    assert counts() == [(1, 1, False), (1, 1, False)]


def test_templates_of_one_shape_count_together_too_with_more_patience(reader: Reader) -> None:
    """A trap may make up the words of its paths: then no template has two pages."""
    words = [f"{first}{second}" for first in "abcd" for second in "abcd"]
    for word in words[: LIMIT * SHAPE]:
        reader.batch(OLD, path=word)
    assert shape_counts() == [(LIMIT * SHAPE - 1, LIMIT * SHAPE - 1, False)]
    reader.batch(OLD, path="zz")
    assert shape_counts() == [(LIMIT * SHAPE, LIMIT * SHAPE, True)]
    reader.batch(NEW)
    assert shape_counts() == [(0, 0, False)]


def test_runs_are_counted_apart(reader: Reader) -> None:
    reader.batch(OLD)
    other = Reader(make_run(make_seed(max_same_text=LIMIT), Run.State.OPEN))
    other.batch(OLD)
    assert counts() == []


def test_urls_of_words_alone_count_by_the_number_of_their_words(run: Run) -> None:
    """They may be a maze: of such a trap no address is like another."""
    batch_run = BatchRun(run)
    watch = RepeatedTexts()
    for path in ("imprint", "contact", "about"):
        watch.note(batch_run, f"http://a.test/{path}", text_signature(OLD))
    watch.write()
    assert counts() == [(2, 2, False)]


def test_a_run_without_the_limit_closes_nothing() -> None:
    reader = Reader(make_run(make_seed(max_same_text=None), Run.State.OPEN))
    reader.batch(*[OLD] * 10)
    assert counts() == [(9, 9, False)]
