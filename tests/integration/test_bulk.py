"""The bulk statements themselves, on both databases: what other tests would notice late or never."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Host, Page, Visit
from catalog.sql import bulk
from catalog.sql.frontier import texts_read
from crawler.outcomes import Outcome
from crawler.outlinks import VisitKind
from crawler.reading.signature import text_signature
from tests.factories import make_host, make_run, make_seed

pytestmark = pytest.mark.django_db


def numbered_host(number: int, **values: object) -> Host:
    return make_host(f"http://{number}.test/", **values)


class TestNewIds:
    def test_none_are_asked_for(self):
        assert bulk.new_ids(Host, 0) == []

    def test_they_begin_before_the_first_row_and_are_never_given_twice(self):
        with transaction.atomic():
            first, second = bulk.new_ids(Host, 3), bulk.new_ids(Host, 2)
            made = numbered_host(1)
        assert len({*first, *second, made.pk}) == 6
        assert made.pk > max(first + second) > 0

    def test_rows_with_them_and_without_them_get_along(self):
        before = numbered_host(1)
        with transaction.atomic():
            (pk,) = bulk.new_ids(Host, 1)
            numbered_host(2, id=pk)
        assert before.pk < pk < numbered_host(3).pk


class TestRowsOf:
    def test_a_row_has_all_of_a_key(self):
        keys = [(rank, failures) for rank in (1, 2) for failures in (3, 4)]
        hosts = {key: numbered_host(10 * key[0] + key[1], rank=key[0], failures=key[1]) for key in keys}
        rows = bulk.rows_of(Host, ("rank", "failures"), [(1, 3), (2, 4), (9, 9)])
        assert set(Host.objects.filter(pk__in=rows)) == {hosts[1, 3], hosts[2, 4]}

    @pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL goes by what its tables hold")
    def test_sqlite_looks_each_key_up(self):
        pages = Page.objects.filter(pk__in=bulk.rows_of(Page, ("seed_id", "fingerprint"), [(1, 2), (3, 4)]))
        plan = pages.values("id").explain()
        assert "(seed_id=? AND fingerprint=?)" in plan
        assert "SCAN catalog_page" not in plan

    def test_no_key_is_no_row(self):
        numbered_host(1)
        assert not Host.objects.filter(pk__in=bulk.rows_of(Host, ("rank", "failures"), [])).exists()


def test_a_text_is_looked_up_by_its_index_and_not_compared_with_all_of_its_run():
    run, host, now = make_run(make_seed()), numbered_host(1), timezone.now()
    Visit.objects.bulk_create(
        Visit(
            run=run, host=host, kind=VisitKind.PAGE, url=f"http://a.test/{number}", fingerprint=number,
            due_at=now, rank=15, state=Visit.State.DONE, outcome=Outcome.STORED,
            text_signature=text_signature(f"text {number}"),
        )
        for number in range(3000)
    )  # fmt: skip
    asked = {(run.pk, signature, signature) for signature in map(text_signature, ("text 1", "unread"))}
    with connection.cursor() as cursor, CaptureQueriesContext(connection) as queries:
        cursor.execute("ANALYZE catalog_visit")
        known = texts_read(asked)
        explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        cursor.execute(f"{explain} {queries[-1]['sql']}")
        plan = "\n".join(str(line[-1]) for line in cursor.fetchall())
    assert {signature for _, signature, _ in known} == {text_signature("text 1")}
    assert "visit_text" in plan
    assert "Join" not in plan
