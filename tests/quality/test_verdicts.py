"""No ordinary page is taken for none, and most answers that are no pages are told, with their evidence."""

from __future__ import annotations

from collections import Counter

from crawler.reading.reader import read_document
from crawler.reading.verdicts import VERDICTS
from crawler.reading.verdicts.answer import Verdict
from crawler.reading.verdicts.judging import judge
from tests.quality.answers import LabelledAnswer, answers_that_are_no_pages
from tests.quality.held_out import held_answers, held_ordinary_pages
from tests.quality.ordinary_pages import ordinary_pages

RECALL = 0.9


def verdict_on(answer: LabelledAnswer) -> Verdict | None:
    document = read_document(answer.source.encode(), answer.media_type, "testbot")
    return judge(document, url=answer.url, status=answer.status, final_url=answer.final_url)


def test_no_ordinary_page_is_taken_for_none() -> None:
    pages = ordinary_pages() + held_ordinary_pages()
    assert len(pages) >= 250
    assert [(verdict, page.source[:300]) for page in pages if (verdict := verdict_on(page))] == []


def test_nearly_all_answers_that_are_no_pages_are_told() -> None:
    labelled = answers_that_are_no_pages() + held_answers()
    total = Counter(answer.verdict for answer in labelled)
    assert set(total) == set(VERDICTS) and min(total.values()) >= 10
    right: Counter[str] = Counter()
    missed = []
    for answer in labelled:
        verdict = verdict_on(answer)
        right[answer.verdict] += verdict is not None and verdict.kind == answer.verdict
        if verdict is None or verdict.kind != answer.verdict:
            missed.append((answer.verdict, verdict, answer.source[80:330]))
    assert {kind: right[kind] / total[kind] for kind in total if right[kind] < RECALL * total[kind]} == {}, (
        missed
    )


def test_the_evidence_is_sentences_for_people() -> None:
    for answer in answers_that_are_no_pages() + held_answers():
        if verdict := verdict_on(answer):
            assert verdict.evidence
            assert all(sentence.endswith(".") and len(sentence) < 400 for sentence in verdict.evidence)
