"""What the filters of a list of events cover, and what they make of an address line."""

from __future__ import annotations

import pytest

from catalog.models import Event
from pipelines.telling.filters import EventFilter

Kind = Event.Kind


def price_event(**values) -> Event:
    given = {
        "seed_id": 7,
        "kind": Kind.FIELD_CHANGED,
        "collection": "products",
        "field": "price",
        "subject": "Assam Öko",
        "url": "https://teas.example/assam",
        "before": 12.5,
        "after": 9.9,
        "difference": -2.6,
        "percent": -20.8,
    }
    return Event(**given | values)


@pytest.mark.parametrize(
    ("query", "covered"),
    [
        ("", True),
        ("?seed=7&collection=products&field=price&kind=changed", True),
        ("seed=8", False),
        ("collection=reviews", False),
        ("field=title", False),
        ("kind=new", False),
        ("kind=new&kind=changed", True),
        ("kind=records", True),
        ("kind=trouble", False),
        ("direction=down", True),
        ("direction=up", False),
        ("least=2.6", True),
        ("least=2,7", False),
        ("percent=20", True),
        ("percent=21", False),
        ("text=ASSAM+%C3%B6KO", True),
        ("text=teas.example", True),
        ("text=darjeeling", False),
        ("seed=x&kind=x&direction=x&least=-1&percent=nan&after=12", True),  # none makes sense
    ],
)
def test_a_filter_covers_what_its_address_line_asks_for(query, covered):
    assert EventFilter.of_query(query).covers(price_event()) is covered


def test_a_change_without_a_size_is_in_no_list_of_sizes():
    event = price_event(before="red", after="blue", difference=None, percent=None)
    assert not any(
        EventFilter.of_query(query).covers(event) for query in ("direction=down", "least=0", "percent=0")
    )


def test_the_end_of_a_trouble_is_in_the_list_of_the_trouble():
    end = price_event(kind=Kind.WELL_AGAIN, ends=Kind.RUN_FAILED)
    assert EventFilter.of_query("kind=run_failed").covers(end)
    assert not EventFilter.of_query("kind=blocked").covers(end)
