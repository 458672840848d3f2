"""What ``crawl`` says while it waits, and the file that it writes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from catalog.models import Attempt, Host, Run, RunHost, Visit
from console import adhoc_seed, arguments
from console.commands import crawl
from console.commands.crawl import paused_host, waiting_for, write_pages
from console.output import Output
from embedded.datadir import DataFolder
from embedded.errors import UsageError
from pipelines.export.formats import read_cells
from tests import factories
from tests.factories import NOW, Got

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> Run:
    """One visit that failed and is due in 12 seconds."""
    run = factories.crawl(factories.make_seed("Shop"), [Got("http://shop.example/")], state="open", waiting=1)
    visit = Visit.objects.get(run=run, state=Visit.State.QUEUED)
    Visit.objects.filter(pk=visit.pk).update(due_at=NOW + timedelta(seconds=12), url="http://shop.example/a")
    Attempt.objects.create(
        visit=visit, number=1, reason="connect", fetched_at=NOW, next_due_at=NOW + timedelta(seconds=12)
    )
    return run


def test_a_run_that_waits_for_another_try_says_so(run: Run):
    assert waiting_for(run, NOW) == "http://shop.example/a failed (connect) and is tried again in 12 s"


def test_a_run_with_work_to_do_does_not(run: Run):
    assert waiting_for(run, NOW + timedelta(seconds=12)) == ""
    Visit.objects.filter(run=run, state=Visit.State.QUEUED).update(state=Visit.State.FETCHED)
    assert waiting_for(run, NOW) == ""


def test_a_run_whose_only_host_is_paused_says_until_when(run: Run):
    host = Visit.objects.get(run=run, state=Visit.State.QUEUED).host
    RunHost.objects.get_or_create(run=run, host=host)
    until = NOW + timedelta(seconds=25)
    Host.objects.filter(pk=host.pk).update(
        open_until=until, failures=5, last_reason="http_503", due_at=NOW, rank=15
    )
    assert paused_host(run, NOW) == (
        f"{host.origin} is paused after 5 failures in a row (http_503), "
        f"until {until.astimezone():%H:%M:%S} (25 s)"
    )
    assert paused_host(run, NOW + timedelta(seconds=24)) == ""


def test_a_host_that_may_be_asked_keeps_the_others_from_being_named(run: Run):
    host = Visit.objects.get(run=run, state=Visit.State.QUEUED).host
    RunHost.objects.get_or_create(run=run, host=host)
    Host.objects.filter(pk=host.pk).update(open_until=NOW + timedelta(seconds=25), due_at=NOW, rank=15)
    other = factories.make_host("http://other.example/", due_at=NOW, rank=15)
    RunHost.objects.create(run=run, host=other)
    assert paused_host(run, NOW) == ""


def test_options_that_a_resumed_run_does_not_have_are_named(monkeypatch: pytest.MonkeyPatch):
    first = arguments.parse(["crawl", "http://shop.example/", "-o", "-", "--depth", "3"])
    monkeypatch.setattr(adhoc_seed.seeds, "save", lambda seed, now: seed.save())
    adhoc_seed.save_seed(first)
    again = ["crawl", "http://shop.example/", "-o", "-", "--resume"]
    asked = ["--request", '{"url": "http://shop.example/find", "json": {"q": "tea"}}']
    more = ["--depth", "3", "--max-pages", "60", "--field", "h=h1", "--ignore-param", "x", *asked]
    assert adhoc_seed.not_applied(arguments.parse(again)) == []
    assert adhoc_seed.not_applied(arguments.parse([*again, *more])) == [
        "--ignore-param",
        "--max-pages",
        "--request",
        "--field",
    ]


@pytest.mark.usefixtures("archive")
@pytest.mark.parametrize(("name", "form"), [("x.warc.gz", "warc"), ("x.wacz", "wacz"), ("x.jsonl", "jsonl")])
def test_the_file_holds_answers_where_its_format_does(tmp_path: Path, name: str, form: str):
    got = [Got("http://shop.example/a"), Got("http://shop.example/b")]
    crawled = factories.crawl(factories.make_seed("Shop"), got)
    assert write_pages(crawled, Output(str(tmp_path / name), None), every=False) == 2
    with (tmp_path / name).open("rb") as file:
        assert {row["url"] for row in read_cells(file, form)} == {item.url for item in got}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["-o", "x.warc"], "-o: WARC is written compressed; name it x.warc.gz"),
        (["-o", "x.wacz", "--all"], "--all: wacz holds answers"),
    ],
)
def test_what_a_file_of_answers_cannot_be_is_said_first(tmp_path: Path, words: list[str], sentence: str):
    options = arguments.parse(["crawl", "http://shop.example/", *words])
    with pytest.raises(UsageError, match=sentence):
        crawl.run(options, DataFolder(tmp_path))
