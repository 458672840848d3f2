"""What differs between two texts: true for any, and readable for those that pages have."""

from __future__ import annotations

import time
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.reading.difference import alignment
from crawler.reading.difference.alignment import Same, align
from crawler.reading.difference.passages import GONE, NEW, SAME, Difference
from crawler.reading.difference.texts import BY_WORDS, WORDS, lines_difference, words_difference

WORD_LISTS = st.lists(st.sampled_from("abcdefgh"), max_size=40)


@settings(max_examples=200)
@given(WORD_LISTS, WORD_LISTS, st.sampled_from([0, 20, alignment.BUDGET]))
def test_what_is_the_same_is_the_same_on_both_sides_in_order(
    before: list[str], after: list[str], budget: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alignment, "BUDGET", budget)
        parts = align(before, after)
    for part in parts:
        assert part.size > 0
        assert before[part.i : part.i + part.size] == after[part.j : part.j + part.size]
    for left, right in pairwise([Same(0, 0, 0), *parts, Same(len(before), len(after), 0)]):
        assert left.i + left.size <= right.i
        assert left.j + left.size <= right.j
    if before == after:
        assert [part.size for part in parts] == [len(before)] * bool(before)


@settings(max_examples=100)
@given(WORD_LISTS, WORD_LISTS)
def test_all_words_are_shown_or_counted(before: list[str], after: list[str]) -> None:
    difference = words_difference(" ".join(before), " ".join(after))
    unchanged = sum(each.unchanged for each in difference.passages) + difference.unchanged
    kept = counted(difference, SAME) + unchanged
    assert (counted(difference, GONE), counted(difference, NEW)) == (difference.gone, difference.new)
    assert kept + difference.gone == len(before)
    assert kept + difference.new == len(after)


def counted(difference: Difference, kind: str) -> int:
    parts = [part for passage in difference.passages for part in passage.parts if part.kind == kind]
    return sum(len(part.text.split()) + part.left for part in parts)


def shown(before: str, after: str) -> list[str]:
    """As people read it: what is gone in brackets, what is new in braces, what is left out as a number."""
    marks = {SAME: "{}", GONE: "[{}]", NEW: "{{{}}}"}
    difference = words_difference(before, after)
    lines = [
        f"…{passage.unchanged}… " * bool(passage.unchanged)
        + " ".join(marks[part.kind].format(part.text.strip()) for part in passage.parts)
        for passage in difference.passages
    ]
    return lines + [f"…{difference.unchanged}…"] * bool(difference.unchanged)


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("Assam 12.50 EUR in stock", "Assam 9.90 EUR in stock", ["Assam [12.50] {9.90} EUR in stock"]),
        ("one two", "one two", ["…2…"]),
        ("", "Hello", ["{Hello}"]),
        ("新しい茶です", "古い茶です", ["[新し] {古} い茶です"]),
        ("a " * 40 + "old", "a " * 40 + "new", ["…28… " + "a " * 12 + "[old] {new}"]),
        ("old " + "a " * 40 + "end", "new " + "a " * 40 + "end", ["[old] {new} " + "a " * 11 + "a", "…29…"]),
        (
            "Tea from the hills of Assam, dark and malty.",
            "Coffee roasted on the coast, light with much acid.",
            [
                "[Tea from the hills of Assam, dark and malty.]"
                " {Coffee roasted on the coast, light with much acid.}"
            ],
        ),
    ],
)
def test_changes_are_shown_with_what_surrounds_them(before: str, after: str, lines: list[str]) -> None:
    assert shown(before, after) == lines


def test_a_long_part_is_cut_and_says_how_much_is_left() -> None:
    difference = words_difference("", "tea " * 1_000)
    ((part,),) = (passage.parts for passage in difference.passages)
    assert len(part.text.split()) + part.left == difference.new == 1_000
    assert len(part.text.split()) == BY_WORDS.run


def test_many_passages_are_counted() -> None:
    words = [f"w{number}" for number in range(20_000)]
    other = [f"{word}!" if number % 50 == 0 else word for number, word in enumerate(words)]
    difference = words_difference(" ".join(words), " ".join(other))
    assert len(difference.passages) + difference.more == difference.new == 400
    assert difference.more > 0


@pytest.mark.parametrize("letters", ["ab", "abcdefghijklmnopqrstuvwxyz"])
def test_texts_without_an_end_take_a_moment_only(letters: str) -> None:
    random = Random(1)
    before, after = (" ".join(random.choices(letters, k=2 * WORDS)) for _ in range(2))
    begin = time.process_time()
    difference = words_difference(before, after)
    assert time.process_time() - begin < 8  # one, by itself
    assert difference.cut
    assert difference.changed


def test_source_in_one_line_is_compared_between_its_tags() -> None:
    page = "<ul>" + "".join(f"<li>{number}</li>" for number in range(40)) + "</ul>"
    difference = lines_difference(page, page.replace(">7<", ">seven<"))
    ((before, gone, new, after),) = (passage.parts for passage in difference.passages)
    assert (gone.text, new.text) == ("7", "seven")
    assert before.text.splitlines() == ["<li>", "6", "</li>", "<li>"][-3:]
    assert after.text.splitlines() == ["</li>", "<li>", "8"]
    assert difference.unchanged > 20
