"""Opening many runs at once does what opening them one by one does, in a few statements."""

from __future__ import annotations

from datetime import timedelta

import pytest

from catalog.models import Host, Run, RunHost, Seed, Visit
from crawler.lanes import Lane
from pipelines import runs
from pipelines.runs.opening import open_runs
from tests.factories import NOW, due_run, make_seed

LATER = NOW + timedelta(hours=1)
pytestmark = pytest.mark.django_db


def run_of(name: str, **values) -> Run:
    """A due run of a seed with this name, by default of two hosts."""
    given = {"start_urls": f"http://{name}.test/\nhttp://shared.test/{name}", "fields": []}
    return due_run(make_seed(name, **(given | values)))


def some_runs() -> list[Run]:
    return [
        run_of("plain"),
        run_of("bulk", lane=Lane.BULK),
        run_of("maps", sitemaps="http://maps.test/one.xml\nhttp://maps.test/two.xml", use_sitemaps=False),
        run_of("twice", start_urls="http://twice.test/\nhttp://twice.test/#part\nhttp://twice.test/"),
        run_of("bounded", max_pages=1),
        run_of("bad", start_urls="ftp://bad.test/"),
        run_of("half", start_urls="http://half.test/\nnonsense"),
    ]


def state_of(run: Run) -> dict[str, object]:
    run.refresh_from_db()
    visits = Visit.objects.filter(run=run).order_by("fingerprint")
    return {
        "run": (run.state, run.reason, run.roots, run.warnings, run.limits, run.discovered, run.policy_json),
        "times": (run.started_at, run.finished_at),
        "visits": list(visits.values_list("url", "host__origin", "rank", "kind", "depth", "state", "due_at")),
        "hosts": sorted(RunHost.objects.filter(run=run).values_list("host__origin", "discovered")),
    }


def test_together_as_one_by_one(django_assert_max_num_queries):
    one_by_one = some_runs()
    for run in one_by_one:
        runs.start_run(run, LATER)
    expected = [state_of(run) for run in one_by_one]
    hosts_before = set(Host.objects.values_list("origin", "rank", "due_at"))
    Seed.objects.all().delete()
    Host.objects.update(rank=Host.NO_WORK, due_at=None)
    together = some_runs()
    with django_assert_max_num_queries(40):
        woken = open_runs([run.pk for run in together], LATER)
    assert [state_of(run) for run in together] == expected
    assert set(Host.objects.values_list("origin", "rank", "due_at")) == hosts_before
    normal = {"plain", "maps", "twice", "bounded", "half", "shared"}
    assert {lane: names(ids) for lane, ids in woken.items() if ids} == {
        Lane.NORMAL: normal, Lane.BULK: {"bulk", "shared"},
    }  # fmt: skip


def names(ids: set[int]) -> set[str]:
    origins = Host.objects.filter(pk__in=ids).values_list("origin", flat=True)
    return {origin.removeprefix("http://").removesuffix(".test:80") for origin in origins}


def test_a_hundred_take_no_more_queries_than_ten(django_assert_max_num_queries):
    many = [run_of(f"seed{number}") for number in range(100)]
    with django_assert_max_num_queries(14):
        open_runs([run.pk for run in many], LATER)
    assert Run.objects.filter(state="open", discovered=2).count() == 100
    assert RunHost.objects.filter(host__origin="http://shared.test:80").count() == 100


def test_what_is_not_due_is_left_alone():
    run = run_of("plain")
    recrawl = run_of("recrawl")
    Run.objects.filter(pk=recrawl.pk).update(kind=Run.Kind.RECRAWL)
    open_runs([run.pk], NOW)
    open_runs([run.pk, recrawl.pk], LATER)
    assert list(Run.objects.order_by("pk").values_list("state", "started_at")) == [
        ("open", NOW),
        ("due", None),
    ]
