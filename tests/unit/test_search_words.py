"""Words of a search: what people write, how texts are cut into words, and what is shown of a text."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.search import Document, Question, postgresql, sqlite
from catalog.search.question import Matching, Term
from catalog.search.scores import Scorer
from catalog.search.words import LONGEST, MOST_WORDS, fold, plain, words
from pipelines.search.snippets import MORE, snippet


def wanted(text: str) -> list[str]:
    """The wanted terms of a question; a star for a beginning."""
    return [" ".join(term.words) + "*" * term.begins for term in Question.of(text).wanted]


def shown(text: str, asked: str) -> str:
    """A snippet with what was looked for in brackets."""
    return "".join(
        f"[{piece.text}]" if piece.matched else piece.text for piece in snippet(text, Question.of(asked))
    )


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Green TEA", ["green", "tea"]),
        ('"green tea" cup', ["green tea", "cup"]),
        ('"green tea', ["green tea"]),
        ("te* t*", ["te*", "t"]),
        ("e-mail", ["e mail"]),
        ("tea tea", ["tea"]),
        ('"" * - " ( ) AND', ["and"]),
        ("", []),
    ],
)
def test_words_quotes_and_stars_are_read(text, terms):
    assert wanted(text) == terms


def test_a_minus_excludes_and_alone_asks_for_nothing():
    assert Question.of('tea -green -"black tea"').unwanted == (Term(("green",)), Term(("black", "tea")))
    assert Question.of("-green").is_empty


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Crème BRÛLÉE, 12.50 €!", ["creme", "brulee", "12", "50"]),
        ("cafe\u0301", ["cafe"]),
        ("Straße ﬁne m²", ["straße", "ﬁne", "m2"]),
        ("東京タワー 2", ["東", "京", "タ", "ワ", "ー", "2"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("a\0b\x00\ud800c 'x' \\y", ["a", "b", "c", "x", "y"]),
    ],
)
def test_texts_are_cut_into_words(text, found):
    assert words(text) == found


def test_a_text_has_bounds():
    assert len(words("a " * 60_000)) == MOST_WORDS
    assert words("x" * 200_000) == ["x" * LONGEST]
    document = Document.of(1, "t " * 20, "x " * 60_000, ())
    assert len(document.title) + len(document.text) == MOST_WORDS


@given(st.text())
def test_a_folded_text_has_a_character_for_each_and_is_folded_for_good(text):
    known = plain(text)
    assert len(fold(known)) == len(known)
    assert fold(fold(known)) == fold(known)


@given(st.text(alphabet=st.one_of(st.sampled_from("\"*-()+:^{}'\\ \0ANDORNOTNEAR东"), st.characters())))
def test_no_question_is_an_error_in_sqlite(text):
    question = Question.of(text)
    with closing(sqlite3.connect(":memory:")) as database:
        for statement in sqlite.CREATE:
            database.execute(statement)
        if not question.is_empty:
            match = sqlite._match(Matching(question, [["s1", "s2"], ["h1"]], ["s3", "s4"]))
            assert database.execute(sqlite._NEWEST.replace("%s", "?"), [match, 1]).fetchall() == []


@given(st.text())
def test_what_is_quoted_for_postgresql_holds_no_quote(text):
    for term in Question.of(text).wanted:
        assert not set("'\\ ") & set("".join(term.words))
    assert postgresql._vector(Document.of(1, text, text, ("s1",))).count("'") % 2 == 0


def test_a_title_a_word_that_comes_often_and_a_short_text_count_more():
    score = Scorer(Question.of('"green tea" po*'))
    once, filler = b"green tea in pots", b" filler" * 500
    assert 0 == score(b"", b"greentea") < score(b"", once) < score(b"", once + b" " + once) < 2
    assert score(b"", once) < score(b"green tea", once)
    assert score(b"", once + filler) < score(b"", once)
    assert score(b"", b"tea green spots") == 0


@given(st.text(min_size=1))
def test_a_text_is_found_by_its_own_words(text):
    for word in words(text)[:5]:
        assert wanted(word) == [word]


def test_a_snippet_shows_the_words_in_their_surroundings():
    text = "Start. " + "filler " * 100 + "The Crème brûlée is here. " + "filler " * 100
    told = shown(text, '"creme brulee"')
    assert "The [Crème brûlée] is here" in told
    assert told.startswith(MORE)
    assert told.endswith(MORE)
    assert len(told) < 300


def test_a_snippet_of_a_text_without_the_words_is_its_beginning():
    assert shown("Only the title has it.", "tea") == "Only the title has it."
    assert shown("", "tea") == ""


def test_a_snippet_marks_beginnings_and_each_character_of_unspaced_scripts():
    assert shown("teapots and tea", "tea*") == "[teapots] and [tea]"
    assert shown("私は東京にいる", "東京") == "私は[東京]にいる"


@given(st.text(), st.text())
def test_a_snippet_says_what_the_text_says(text, asked):
    pieces = snippet(text, Question.of(asked))
    assert "".join(piece.text for piece in pieces).strip(MORE) in plain(text)
