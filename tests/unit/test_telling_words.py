"""What people are told of an event, and what a message says of many."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from catalog.models import Event, Seed
from pipelines.telling.content import FIRST, LISTED, body_of, body_of_test, rest_of, subject_of
from pipelines.telling.letters import html_of, text_of
from pipelines.telling.words import parts, sentence

Kind = Event.Kind
AT = datetime(2026, 1, 5, 8, tzinfo=UTC)


def euros(amount: float) -> dict[str, object]:
    return {"amount": amount, "currency": "EUR"}


def event(kind: int = Kind.FIELD_CHANGED, number: int = 1, **values: object) -> Event:
    given = {"subject": "Assam", "collection": "products", "record_id": 5, **values}
    return Event(pk=number, seed=Seed(pk=3, name="Teas"), kind=kind, at=AT, **given)


def price(before: object, after: object, **values: object) -> Event:
    return event(field="price", before=before, after=after, **values)


@pytest.mark.parametrize(
    ("happened", "told"),
    [
        (price(euros(12.5), euros(9.9), percent=-20.8), "Assam: price 12.50 → 9.90 €, −21 %"),
        (price(euros(1), {"amount": 1.25, "currency": "CHF"}), "Assam: price 1.00 € → 1.25 CHF"),
        (price(100, 100.5, percent=0.5), "Assam: price 100 → 100.5, +0.5 %"),
        (price(None, euros(3)), "Assam: price now 3.00 €"),
        (price(euros(3), None), "Assam: price gone, was 3.00 €"),
        (price("", "a\nb"), 'Assam: price "" → a b'),
        (
            event(Kind.RECORD_NEW, after={"name": "A", "price": euros(12.5)}),
            "New in products: Assam, 12.50 €",
        ),
        (event(Kind.RECORD_GONE), "Gone from products: Assam"),
        (event(Kind.PAGE_NEW, subject="", url="https://a.example/"), "New page: https://a.example/"),
        (event(Kind.PAGE_CHANGED, detail="1 line more"), "Page changed: Assam. 1 line more"),
        (
            event(Kind.RUN_FAILED, subject="", detail="No page answered."),
            "Teas: the run failed. No page answered.",
        ),
        (
            event(Kind.WELL_AGAIN, subject="", ends=Kind.RUN_FAILED, detail="after 2 h"),
            "Teas: runs again after 2 h",
        ),
    ],
)
def test_an_event_is_one_sentence(happened: Event, told: str) -> None:
    assert sentence(happened) == told


def test_every_kind_of_event_has_words() -> None:
    assert all("Assam" in sentence(event(kind)) for kind in Kind)


def test_long_texts_of_other_people_are_cut() -> None:
    told = sentence(event(field="text", subject="s" * 10_000, before="b" * 10_000, after=["a" * 10_000]))
    assert len(told) < 400


def test_parts_are_those_of_the_sentence() -> None:
    words = parts(price(euros(12.5), euros(9.9), percent=-20.8))
    assert (words.subject, words.field, words.before, words.after) == ("Assam", "price", "12.50", "9.90 €")
    assert (words.percent, words.change) == ("−21 %", "12.50 → 9.90 €")


def test_one_event_is_its_own_subject_line() -> None:
    body = body_of([price(euros(2), euros(1))], ["Cheaper"])
    assert subject_of(body) == "Assam: price 2.00 → 1.00 €"
    assert body["events"][0]["link"] == "/records/5/"


def test_many_events_are_a_list_and_more_are_a_summary_that_still_names_all() -> None:
    many = [price(2, 1, number=number) for number in range(1, LISTED + 1)]
    listed = body_of(many, ["Cheaper"])
    assert (len(listed["events"]), listed["left"], listed["counts"]) == (LISTED, 0, [])
    storm = body_of([*many, event(Kind.RECORD_GONE, LISTED + 1)], ["Cheaper", "Gone"])
    assert (len(storm["events"]), storm["left"]) == (FIRST, LISTED + 1 - FIRST)
    assert storm["ids"] == list(range(1, LISTED + 2))
    assert subject_of(storm) == f"News: {LISTED + 1} in Teas"
    assert rest_of(storm) == [
        f"… and {LISTED + 1 - FIRST} more. In all:",
        f"Teas, products: {LISTED} changed values",
        "Teas, products: 1 gone",
    ]


def test_a_mail_has_the_same_as_text_and_as_html_and_no_markup_of_other_people() -> None:
    evil = price("<b>1</b>", "<script>", url="javascript:alert(1)", subject="A & B")
    body = body_of([evil], ["<i>"])
    text, html = text_of(body, "https://us.example"), html_of(body, "https://us.example")
    assert "A & B: price <b>1</b> → <script>\nhttps://us.example/records/5/\n" in text
    assert "A &amp; B: price &lt;b&gt;1&lt;/b&gt; → &lt;script&gt;" in html
    assert "javascript" not in text + html
    assert '<a href="https://us.example/records/5/">details</a>' in html
    assert "&lt;i&gt;" in html


def test_a_test_says_that_it_is_one() -> None:
    body = body_of_test()
    assert subject_of(body) == "Test from Crawlbeat"
    assert "This is a test." in text_of(body, "")
    assert "This is a test." in html_of(body, "")
