"""Gone is never a guess: only a complete run takes away what it did not find."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from catalog.models import ChangeSet, Page, Record, Run, Seed, Visit
from crawler.outcomes import Outcome, Reason
from crawler.outlinks import VisitKind
from pipelines.changes import read_changes
from pipelines.changes.gone import compare_run, runs_to_compare
from tests.factories import NOW, Got, crawl, make_seed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
SITE = "http://shop.example"
LATER, LAST = NOW + timedelta(days=1), NOW + timedelta(days=2)
START, LAMP, DESK = f"{SITE}/", f"{SITE}/lamp", f"{SITE}/desk"


@pytest.fixture
def seed() -> Seed:
    """A seed with three pages, from a first run."""
    seed = make_seed("Shop", start_urls=START, fields=[])
    crawl(seed, [Got(START), Got(LAMP), Got(DESK)])
    Run.objects.update(compared=False)
    return seed


def second(seed: Seed, *got: Got, **values: Any) -> Run:
    """A later run that found the start page and these."""
    start = Got(START, Outcome.UNCHANGED)
    return crawl(seed, [start, *got], at=LATER, **values)


def same(url: str) -> Got:
    return Got(url, Outcome.UNCHANGED)


def gone() -> list[str]:
    return list(Page.objects.filter(gone_at__isnull=False).order_by("url").values_list("url", flat=True))


def test_what_a_complete_run_did_not_find_is_gone_and_comes_in_the_feed(seed: Seed) -> None:
    run = second(seed, same(LAMP))
    assert runs_to_compare() == [run.pk]
    assert compare_run(run.pk, LAST) == 1
    assert gone() == [DESK]
    assert [(each.kind, each.of, each.key, each.at) for each in read_changes()] == [
        ("gone", "page", [DESK], LAST)
    ]
    assert runs_to_compare() == []
    assert compare_run(run.pk, LAST) == 0


@pytest.mark.parametrize(
    ("got", "values"),
    [
        pytest.param((), {"reason": Reason.STOPPED}, id="stopped"),
        pytest.param((), {"reason": Reason.MAX_DURATION}, id="its time was up"),
        pytest.param((), {"limits": {"max_pages": 3}}, id="cut off by a number of pages"),
        pytest.param((), {"kind": Run.Kind.RECRAWL}, id="a recrawl"),
        pytest.param((Got(LAMP, Outcome.FAILED, "http_500", 500),), {}, id="a page failed"),
        pytest.param((Got(LAMP, Outcome.FAILED, "http_404", 404),), {}, id="a page answered 404 once"),
        pytest.param((Got(LAMP, Outcome.SKIPPED, "robots", None),), {}, id="a page is forbidden now"),
        pytest.param((Got(LAMP, Outcome.FAILED, "timeout", None),), {}, id="a page did not answer"),
    ],
)
def test_a_run_that_was_not_complete_takes_nothing_away(
    seed: Seed, got: tuple[Got, ...], values: dict[str, Any]
) -> None:
    run = second(seed, *got, **values)
    assert compare_run(run.pk, LAST) == 0
    assert gone() == []
    assert not Run.objects.get(pk=run.pk).compared


def test_a_run_that_got_nothing_takes_nothing_away(seed: Seed) -> None:
    run = crawl(seed, [Got(f"{SITE}/new", Outcome.FAILED, "http_404", 404)], at=LATER)
    assert compare_run(run.pk, LAST) == 0
    assert gone() == []


def test_a_sitemap_that_failed_makes_a_run_incomplete(seed: Seed) -> None:
    run = second(seed, Got(f"{SITE}/sitemap.xml", Outcome.FAILED, "http_500", 500))
    Visit.objects.filter(run=run, url__endswith="xml").update(kind=VisitKind.SITEMAP)
    assert compare_run(run.pk, LAST) == 0


@pytest.mark.parametrize("limit", ["max_depth", "max_url_length", "max_repeated_segments"])
def test_limits_that_say_what_the_seed_covers_do_not_matter(seed: Seed, limit: str) -> None:
    run = second(seed, limits={limit: 12})
    assert compare_run(run.pk, LAST) == 2


def test_pages_that_never_answered_hide_nothing(seed: Seed) -> None:
    run = second(seed, same(LAMP), Got(f"{SITE}/broken", Outcome.FAILED, "http_500", 500))
    assert compare_run(run.pk, LAST) == 1


def test_what_the_seed_covers_no_more_is_not_gone(seed: Seed) -> None:
    seed.exclude = "*/desk"
    seed.save()
    assert compare_run(second(seed, same(LAMP)).pk, LAST) == 0


def test_a_page_that_another_run_has_seen_meanwhile_is_there(seed: Seed) -> None:
    run = second(seed, same(LAMP))
    crawl(seed, [same(DESK)], at=LATER + timedelta(hours=1), kind=Run.Kind.RECRAWL)
    assert compare_run(run.pk, LAST) == 0


def redirected(location: str, status: int = 301) -> Got:
    """The desk redirects."""
    return Got(DESK, Outcome.REDIRECTED, None, status, location=location)


def compared(seed: Seed, *got: Got, at: datetime, **values: Any) -> int:
    """A run that found the start page and these, compared; how many pages it made gone."""
    return compare_run(crawl(seed, [same(START), *got], at=at, **values).pk, LAST)


FAILED_LOGIN = Got(f"{SITE}/login", Outcome.FAILED, "login_page", 200)
ELSEWHERE = "http://elsewhere.example/desk"


@pytest.mark.parametrize(
    ("desk", "others"),
    [
        pytest.param(redirected(LAMP), (), id="for good"),
        pytest.param(redirected(LAMP, 302), (), id="for now, in complete runs"),
        pytest.param(
            redirected(f"{SITE}/a", 303),
            (
                Got(f"{SITE}/a", Outcome.REDIRECTED, None, 301, location=f"{SITE}/b"),
                Got(f"{SITE}/b", Outcome.REDIRECTED, None, 302, location=LAMP),
            ),
            id="over several hops",
        ),
        pytest.param(redirected(ELSEWHERE, 308), (), id="for good, out of what the seed covers"),
    ],
)
def test_a_page_has_moved_if_it_redirects_in_two_runs_in_a_row(
    seed: Seed, desk: Got, others: tuple[Got, ...]
) -> None:
    record = _record(Page.objects.get(url=DESK), "only here")
    assert compared(seed, same(LAMP), desk, *others, at=LATER) == 0
    assert compared(seed, same(LAMP), desk, *others, at=LAST) == 1
    record.refresh_from_db()
    assert (gone(), record.gone_at) == ([DESK], LAST)
    assert compared(seed, desk, *others, same(LAMP), at=LAST + timedelta(days=1)) == 0


@pytest.mark.parametrize(
    ("desk", "others"),
    [
        pytest.param(redirected(FAILED_LOGIN.url), (FAILED_LOGIN,), id="to a login"),
        pytest.param(redirected(ELSEWHERE, 302), (), id="for now, to where nobody looks"),
        pytest.param(redirected(DESK), (), id="to itself"),
    ],
)
def test_a_page_that_redirects_to_no_page_may_be_there_still_and_what_it_leads_to_too(
    seed: Seed, desk: Got, others: tuple[Got, ...]
) -> None:
    for day in range(3):
        assert compared(seed, desk, *others, at=LATER + timedelta(days=day)) == 0
    assert gone() == []


def test_a_first_redirect_makes_a_run_incomplete(seed: Seed) -> None:
    """All pages of a site that shows a notice at its start page are not gone for that."""
    notice = f"{SITE}/notice"
    moved = Got(START, Outcome.REDIRECTED, None, 302, location=notice)
    assert compare_run(crawl(seed, [moved, Got(notice)], at=LATER).pk, LAST) == 0
    assert gone() == []


def test_a_redirect_that_was_another_answer_in_between_begins_anew(seed: Seed) -> None:
    for at, desk in enumerate((redirected(LAMP), same(DESK), redirected(LAMP))):
        assert compared(seed, same(LAMP), desk, at=LATER + timedelta(days=at)) == 0


@pytest.mark.parametrize(("statuses", "number"), [((301, 308), 1), ((301, 302), 0), ((302, 301), 0)])
def test_what_has_moved_for_good_is_gone_by_an_incomplete_run_too(
    seed: Seed, statuses: tuple[int, int], number: int
) -> None:
    first, last = (redirected(LAMP, status) for status in statuses)
    limits = {"max_pages": 3}
    assert compared(seed, same(LAMP), first, at=LATER, limits=limits) == 0
    recrawl = crawl(seed, [redirected(LAMP)], at=LATER + timedelta(hours=1), kind=Run.Kind.RECRAWL)
    assert compare_run(recrawl.pk, LAST) == 0
    assert compared(seed, same(LAMP), last, at=LAST, limits=limits) == number


def test_records_go_with_their_page(seed: Seed) -> None:
    """And with the last of the pages that hold them; tests of the path have such pages."""
    lamp, desk = (Page.objects.get(url=url) for url in (LAMP, DESK))
    only_here = _record(desk, "only here")
    on_gone_page = _record(desk, "also on a page that is gone", also_on=[999_999])
    at_lamp = _record(lamp, "at home elsewhere")
    compare_run(second(seed, same(LAMP)).pk, LAST)
    for record in (only_here, on_gone_page, at_lamp):
        record.refresh_from_db()
    assert (only_here.gone_at, on_gone_page.gone_at, at_lamp.gone_at) == (LAST, LAST, None)
    assert {each.key[0] for each in read_changes() if each.of == "record"} == {
        "only here", "also on a page that is gone",
    }  # fmt: skip


def _record(page: Page, key: str, also_on: list[int] | None = None) -> Record:
    moments = dict.fromkeys(("first_seen_at", "last_seen_at", "last_changed_at"), NOW)
    return Record.objects.create(
        seed_id=page.seed_id, collection="things", key=[key], key_hash=len(key), page=page, rule_set_id=1,
        snapshot=page.latest, also_on=also_on or [], **moments,
    )  # fmt: skip


def test_nothing_is_looked_at_before_a_run_is_over(seed: Seed) -> None:
    run = second(seed, state=Run.State.OPEN)
    assert (runs_to_compare(), compare_run(run.pk, LAST)) == ([], 0)
    assert not ChangeSet.objects.exists()
