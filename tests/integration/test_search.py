"""The index of words: found, forgotten, caught up, and never written twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.models import ChangeSet, Chore, Host, Page, Seed
from catalog.search import Document, Matching, Question, index
from pipelines import prune, work_leases
from pipelines.data.record_list import RecordList
from pipelines.search import indexing, lookup
from pipelines.search.indexing import CHORE, index_in_turn
from pipelines.search.lookup import PageSearch, look_up
from pipelines.search.progress import progress, waiting_since
from scheduler import checks
from scheduler.checks import CheckOptions
from tests.factories import NOW
from tests.integration.stored_pages import StoredShop, product

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=30)


def catch_up(is_busy: bool = False) -> str:
    return index_in_turn(LATER, lambda: is_busy)


def found(text: str, **filters) -> list[str]:
    """The names of the pages that are found, the best first."""
    hits = look_up(PageSearch(text, **filters), LATER)
    return [hit.page.url.rpartition("/")[2] for hit in hits.rows]


def pages_written() -> int:
    return Chore.objects.get(name=CHORE).result["pages"]


@pytest.fixture
def shop() -> StoredShop:
    """Three pages, in the index."""
    shop = StoredShop("tea", "pot", "cup")
    shop.run(tea=[product("a", title="Green tea")], pot=[product("b", title="Tea pot")], cup=[product("c")])
    catch_up()
    return shop


def test_pages_are_found_by_words_of_their_title_and_text(shop):
    assert set(found("TEA")) == {"tea", "pot"}
    assert found("tea -green") == ["pot"]
    assert found('"green tea"') == ["tea"]
    assert found('"tea green"') == []
    assert found("gree*") == ["tea"]
    assert found("coffee") == found("-tea") == found("") == []


def test_a_new_version_takes_the_place_of_the_one_before(shop):
    shop.run(tea=[product("a", title="Black tea")], pot=[product("b", title="Tea pot")], cup=[product("c")])
    assert found("green") == ["tea"]
    catch_up()
    assert found("green") == []
    assert found("black") == ["tea"]


def test_filters_choose_seeds_hosts_times_and_values(shop):
    Seed.objects.update(name="First")
    other = StoredShop("other", start_urls="http://shop.example/other")
    other.run(other=[product("d", title="Tea towel", price=30)])
    catch_up()
    assert found("tea", seeds=[other.seed.pk]) == ["other"]
    assert found("tea", seeds=[]) == []
    assert set(found("tea", hosts=list(Host.objects.values_list("pk", flat=True)))) == {"tea", "pot", "other"}
    assert found("tea", changed_since=LATER) == []
    records, problems = RecordList.of_query("price.gt=20", LATER)
    assert not problems
    assert found("tea", records=records) == ["other"]


def test_pages_that_are_gone_are_found_unless_they_are_not_wanted(shop):
    Page.objects.filter(url__endswith="/tea").update(gone_at=LATER)
    assert set(found("tea")) == {"tea", "pot"}
    assert found("tea", there=True) == ["pot"]


def test_pages_of_a_deleted_seed_are_not_found_and_then_forgotten(shop):
    Seed.objects.update(deleted_at=NOW)
    assert found("tea") == []
    assert prune.prune(NOW + timedelta(days=400))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM catalog_indexedpage")
        assert cursor.fetchone() == (0,)


def test_a_list_goes_on_after_its_last_row(shop):
    first = look_up(PageSearch("tea"), LATER, size=1)
    second = look_up(PageSearch("tea"), LATER, first.following, size=1)
    assert {hit.page.pk for hit in (*first.rows, *second.rows)} == set(
        Page.objects.exclude(url__endswith="cup").values_list("pk", flat=True)
    )
    assert second.following == ""
    assert first.total == 2
    assert look_up(PageSearch("tea"), LATER, "no~cursor").rows == look_up(PageSearch("tea"), LATER).rows


def test_what_is_shown_of_a_page_is_text_and_no_markup(shop):
    shop.run(tea=[product("a", title="<b>Green</b> tea")], pot=[product("b")], cup=[product("c")])
    catch_up()
    (hit,) = look_up(PageSearch("green"), LATER).rows
    assert [tuple(piece) for piece in hit.title] == [("<b>", False), ("Green", True), ("</b> tea", False)]


def test_what_reaches_a_bound_says_so_and_has_the_newest(shop, monkeypatch):
    monkeypatch.setattr(lookup, "RANKED", 1)
    pot = Page.objects.get(url__endswith="/pot")
    assert pot.pk == max(Page.objects.exclude(url__endswith="/cup").values_list("pk", flat=True))
    for filters in ({}, {"there": True}):
        hits = look_up(PageSearch("tea", **filters), LATER)
        assert ([hit.page for hit in hits.rows], hits.all_ranked) == ([pot], False)
        assert look_up(PageSearch("green", **filters), LATER).all_ranked


def test_a_page_is_found_however_many_came_after_it(shop):
    later = Page.objects.get(url__endswith="/tea")
    later.pk, later.fingerprint = later.pk + 2**20, 0
    later.save(force_insert=True)
    index().put([Document.of(later.pk, "Tea", "tea", ("s1",))])
    ids = index().newest(Matching(Question.of("tea")), 10).ids
    assert ids[0] == later.pk
    assert len(ids) == 3


class Killed(Exception):
    """A worker that ends in the middle."""


def test_a_worker_that_dies_before_its_commit_leaves_the_work_to_the_next(shop, monkeypatch):
    shop.run(tea=[product("a", title="Black tea")], pot=[product("b")], cup=[product("c")])
    before = pages_written()

    def die(*_args, **_values):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(work_leases, "renew", die)  # after the words were written
        with pytest.raises(Killed):
            catch_up()
    assert found("black") == []
    assert indexing.is_behind(LATER + timedelta(hours=1))  # its lease has run out
    index_in_turn(LATER + timedelta(hours=1), lambda: False)
    assert found("black") == ["tea"]
    assert pages_written() - before == 2  # the cup is as before


def test_pages_are_written_once_and_a_second_worker_has_nothing_to_do(shop):
    assert pages_written() == 3
    catch_up()
    assert pages_written() == 3
    token = work_leases.take(Chore.objects.filter(name=CHORE), LATER)
    shop.run(tea=[product("a", title="Black tea")])
    assert catch_up() == ""
    assert found("black") == []
    assert index_in_turn(LATER, lambda: False, token) == ""
    assert found("black") == ["tea"]


def test_a_large_set_is_indexed_in_parts_and_waits_while_pages_wait(shop, monkeypatch):
    monkeypatch.setattr(indexing, "PAGES", 2)
    shop.run(**{name: [product(name, title=f"New {name}")] for name in ("tea", "pot", "cup")})
    assert progress().left == 3
    catch_up(is_busy=True)
    assert len(found("new")) == 2
    assert not progress().is_whole
    catch_up()
    assert len(found("new")) == 3
    assert progress().is_whole
    assert progress().upto == ChangeSet.objects.latest("number").created_at


def test_an_index_that_is_far_behind_is_a_problem(shop):
    def codes(hours: float) -> set[str]:
        at = ChangeSet.objects.latest("pk").created_at + timedelta(hours=hours)
        return {finding.code for finding in checks.findings(CheckOptions(at))}

    assert waiting_since() is None
    assert "search-behind" not in codes(2)
    shop.run(tea=[product("a", title="Black tea")])
    assert "search-behind" not in codes(0.5)
    assert "search-behind" in codes(2)


@given(st.text(alphabet=st.one_of(st.sampled_from("\"*-()&|!<>:'\\ \0aé东"), st.characters())))
@settings(max_examples=50, deadline=None)
def test_every_text_can_be_put_looked_for_and_forgotten(text):
    index().put([Document.of(2**62, text, text, ("s1",))])
    assert look_up(PageSearch(text), LATER).rows == []  # it has no page
    assert look_up(PageSearch(text, seeds=[1]), LATER).rows == []
    index().forget([2**62])
