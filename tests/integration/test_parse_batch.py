"""The parse stage on real objects and rows: once, again, after deaths, and with a broken archive."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from django.conf import settings

from catalog.models import Batch, Run, Snapshot
from crawler.memory_limit import limit_memory
from crawler.outcomes import Reason
from crawler.requests.exchange import FetchResult
from pipelines import archive as objects
from pipelines.handover import Fetched, Parsed
from pipelines.parse import batch as stage
from pipelines.parse import parse_batch
from pipelines.prune import prune, segments
from tests.factories import Got, crawl, make_batch, make_run, make_seed, new_fetched
from tests.harness.rules import records_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive")]
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
STATE = Batch.State


class Power(BaseException):
    """Ends the stage as a kill does: nothing catches it."""


@pytest.fixture
def run() -> Run:
    return make_run(make_seed(fields=[{"name": "name", "css": "h1"}]), Run.State.OPEN)


def batch_of(run: Run, pages: dict[int, str | None]) -> Batch:
    """A batch of visits by id; None is a visit without a body (a failure), "unchanged" a revisit."""
    return mixed_batch([(run, visit_id, page) for visit_id, page in pages.items()])


def mixed_batch(pages: Iterable[tuple[Run, int, str | None]]) -> Batch:
    """A batch of visits of any runs: the run, the visit's id, its page."""
    segment = objects.SegmentWriter()
    fetched = [_fetched(segment, *page) for page in pages]
    batch = make_batch(folder=objects.new_folder(NOW), visits_count=len(fetched), due_at=NOW)
    objects.write_object(batch.folder, objects.SEGMENT, segment.bytes())
    objects.write_object(batch.folder, objects.FETCHED, objects.dump(fetched))
    return batch


def _fetched(segment: objects.SegmentWriter, run: Run, visit_id: int, page: str | None) -> Fetched:
    url = f"http://shop.example/{visit_id}"
    result = FetchResult(url=url, status=200, body=(page or "").encode())
    offset, length = segment.add(result, NOW) if page else (None, None)
    return new_fetched(
        visit_id=visit_id,
        run_id=run.pk,
        url=url,
        status=200 if page else None,
        reason=None if page else Reason.TIMEOUT,
        content_type="text/html; charset=utf-8",
        unchanged=page == "unchanged",
        offset=offset,
        length=length,
    )


def parsed_of(batch: Batch) -> dict[int, Parsed]:
    found = objects.load(objects.read_object(batch.folder, objects.PARSED), Parsed)
    return {parsed.visit_id: parsed for parsed in found}


def values_of(parsed: Parsed) -> dict[str, object]:
    return parsed.records[0].values if parsed.records else {}


def die_on(monkeypatch, *visit_ids: int) -> None:
    """The parser is killed by these visits' pages."""
    parse_page = stage.parse_page

    def deadly(body, fetched, rules, *more):
        if fetched.visit_id in visit_ids:
            raise Power
        return parse_page(body, fetched, rules, *more)

    monkeypatch.setattr(stage, "parse_page", deadly)


def test_every_new_body_is_parsed(run):
    batch = batch_of(run, {1: "<h1>One</h1><a href=/a>x</a>", 2: None, 3: "unchanged", 4: "<title>Four"})
    assert parse_batch(batch.pk, NOW)
    parsed = parsed_of(batch)
    assert list(parsed) == [1, 4]
    assert values_of(parsed[1]) == {"name": "One"}
    assert [link.url for link in parsed[1].outlinks.unpack()] == ["http://shop.example/a"]
    assert parsed[4].title == "Four"
    batch.refresh_from_db()
    assert (batch.state, batch.attempts, batch.suspect) == (STATE.PARSED, 1, None)
    assert batch.due_at == NOW + timedelta(seconds=settings.BATCH_DUE_SECONDS)


def test_again_does_nothing(run):
    batch = batch_of(run, {1: "<h1>One</h1>"})
    assert parse_batch(batch.pk, NOW)
    objects.delete_object(batch.folder, objects.FETCHED)
    assert parse_batch(batch.pk, NOW)
    Batch.objects.update(state=STATE.STORED)
    assert not parse_batch(batch.pk, NOW)
    assert not parse_batch(batch.pk + 1, NOW)
    assert Batch.objects.get().attempts == 1


def test_a_batch_without_bodies_needs_no_segment(run):
    batch = batch_of(run, {1: None})
    objects.delete_object(batch.folder, objects.SEGMENT)
    assert parse_batch(batch.pk, NOW)
    assert parsed_of(batch) == {}


def test_an_error_costs_one_page(run, monkeypatch, caplog):
    parse_page = stage.parse_page

    def broken(body, fetched, rules, *more):
        if fetched.visit_id == 2:
            raise RuntimeError("a bug")
        return parse_page(body, fetched, rules, *more)

    monkeypatch.setattr(stage, "parse_page", broken)
    batch = batch_of(run, {1: "<h1>1</h1>", 2: "<h1>2</h1>", 3: "<h1>3</h1>"})
    assert parse_batch(batch.pk, NOW)
    reasons = {number: parsed.reason for number, parsed in parsed_of(batch).items()}
    assert reasons == {1: None, 2: Reason.INTERNAL_ERROR, 3: None}
    assert "visit 2" in caplog.text
    assert "a bug" in caplog.text


def test_a_damaged_record_costs_one_page(run):
    batch = batch_of(run, {1: "<h1>1</h1>", 2: "<h1>2</h1>"})
    data = bytearray(objects.read_object(batch.folder, objects.SEGMENT))
    data[-20:] = bytes(20)
    objects.write_object(batch.folder, objects.SEGMENT, bytes(data))
    assert parse_batch(batch.pk, NOW)
    reasons = {number: parsed.reason for number, parsed in parsed_of(batch).items()}
    assert reasons == {1: None, 2: Reason.INTERNAL_ERROR}


def test_only_the_killers_are_set_aside(run, monkeypatch):
    batch = batch_of(run, {number: f"<h1>{number}</h1>" for number in range(1, 7)})
    die_on(monkeypatch, 2, 5)
    suspects = []
    for _ in range(5):
        with pytest.raises(Power):
            parse_batch(batch.pk, NOW)
        suspects.append(Batch.objects.get().suspect)
    assert suspects == [None, 2, 2, 5, 5]  # at full speed, page by page, again, without the first killer
    assert parse_batch(batch.pk, NOW)
    reasons = {number: parsed.reason for number, parsed in parsed_of(batch).items()}
    assert reasons == {1: None, 2: Reason.PARSER_KILLED, 3: None, 4: None, 5: Reason.PARSER_KILLED, 6: None}
    batch.refresh_from_db()
    assert (batch.state, batch.suspect, batch.quarantined) == (STATE.PARSED, None, [2, 2, 5, 5])


def test_one_death_beside_a_page_costs_it_nothing(run, monkeypatch):
    batch = batch_of(run, {1: "<h1>1</h1>", 2: "<h1>2</h1>"})
    for _ in range(2):  # killed by somebody: at full speed, then while it reads page by page
        with monkeypatch.context() as patch, pytest.raises(Power):
            die_on(patch, 2)
            parse_batch(batch.pk, NOW)
    assert parse_batch(batch.pk, NOW)
    assert {number: parsed.reason for number, parsed in parsed_of(batch).items()} == {1: None, 2: None}


def test_a_full_disk_sets_no_page_aside(run, monkeypatch):
    batch = batch_of(run, {1: "<h1>1</h1>", 2: "<h1>2</h1>"})
    with monkeypatch.context() as patch:

        def full(*args):
            raise objects.ArchiveFull("no space is left")

        patch.setattr(stage, "write_object", full)
        for _ in range(5):
            with pytest.raises(objects.ArchiveFull):
                parse_batch(batch.pk, NOW)
    assert parse_batch(batch.pk, NOW)
    assert {number: parsed.reason for number, parsed in parsed_of(batch).items()} == {1: None, 2: None}


def test_a_death_that_was_not_a_pages_fault_sets_nothing_aside(run):
    batch = batch_of(run, {1: "<h1>1</h1>"})
    Batch.objects.update(attempts=1)
    assert parse_batch(batch.pk, NOW)
    assert parsed_of(batch)[1].reason is None
    assert Batch.objects.get().quarantined == []


def test_pages_of_many_runs_each_by_its_own_rules(django_assert_num_queries):
    runs = [make_run(make_seed(fields=[{"name": f"f{number}", "css": "h1"}])) for number in range(5)]
    batch = mixed_batch((run, number, "<h1>x</h1>") for number, run in enumerate(runs))
    with django_assert_num_queries(4):  # begin, the batch, the runs' policies, the end
        parse_batch(batch.pk, NOW)
    assert [values_of(parsed) for parsed in parsed_of(batch).values()] == [{f"f{n}": "x"} for n in range(5)]


def test_a_page_whose_tree_takes_too_much_memory_fails_alone(run):
    """500 open elements that the standard opens again in each paragraph (HTML, section 13.2.4.3)."""
    bomb = "<p>" + "".join(f"<b c={number}>" for number in range(500)) + "</p><p>x" * 100_000
    batch = batch_of(run, {0: bomb, 1: "<h1>good</h1>"})
    before = resource.getrlimit(resource.RLIMIT_DATA)
    limit_memory(2 << 30)
    try:
        assert parse_batch(batch.pk, NOW)
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)
    parsed = parsed_of(batch)
    assert (parsed[0].reason, values_of(parsed[1])) == (Reason.PARSER_KILLED, {"name": "good"})


@pytest.mark.parametrize("rule", [{"name": "f", "css": "h1["}, {"name": "f", "magic": "x"}])
def test_a_field_rule_that_cannot_be_used_costs_no_page(rule):
    bad = make_run(make_seed(fields=[rule]), Run.State.OPEN)  # no form writes this
    batch = batch_of(bad, {0: "<h1>x</h1>"})
    assert parse_batch(batch.pk, NOW)
    assert [(parsed.reason, values_of(parsed)) for parsed in parsed_of(batch).values()] == [
        (None, {"f": None})
    ]


def test_rules_that_cannot_be_used_cost_the_pages_of_their_run_only(run, caplog):
    bad = make_run(make_seed(exclude="re:["), Run.State.OPEN)  # no form writes this
    worse = make_run(make_seed(name="worse"), Run.State.OPEN)
    Run.objects.filter(pk=worse.pk).update(policy_json={"scope": "nowhere"})
    batch = mixed_batch([(bad, 0, "<h1>x</h1>"), (run, 1, "<h1>y</h1>"), (worse, 2, "<h1>z</h1>")])
    assert parse_batch(batch.pk, NOW)
    parsed = parsed_of(batch)
    assert [(parsed[n].reason, values_of(parsed[n])) for n in (0, 1, 2)] == [
        (Reason.BAD_PATTERN, {}), (None, {"name": "y"}), (Reason.INTERNAL_ERROR, {}),
    ]  # fmt: skip
    assert f"the rules of run {worse.pk} cannot be used" in caplog.text


# Bodies that are stored already ----------------------------------------------------------------------------


@pytest.fixture
def stored(run) -> list[Snapshot]:
    """Three pages as an earlier run has stored them."""
    got = [Got(f"http://shop.example/{n}", text=f"<h1>Number {n}</h1>") for n in range(3)]
    crawl(run.seed, got, at=NOW - timedelta(days=1))
    return list(Snapshot.objects.order_by("pk"))


def batch_of_unchanged(run: Run, snapshots: Sequence[Snapshot], *more: Fetched) -> Batch:
    """A batch of pages found unchanged, to be read again. It has no segment: nothing in it is new."""
    pages = [
        msgspec.structs.replace(
            _fetched(objects.SegmentWriter(), run, number, None),
            reason=None, status=304, unchanged=True, read_again=snapshot.pk,
        )
        for number, snapshot in enumerate(snapshots)
    ]  # fmt: skip
    folder = objects.new_folder(NOW)
    objects.write_object(folder, objects.FETCHED, objects.dump([*pages, *more]))
    return make_batch(folder=folder, visits_count=len(pages), due_at=NOW)


def test_stored_bodies_are_read_by_the_rules_of_the_run(run, stored, django_assert_num_queries):
    batch = batch_of_unchanged(run, stored)
    with django_assert_num_queries(5):  # as for new bodies, and one for where all the stored ones lie
        assert parse_batch(batch.pk, NOW)
    expected = {n: Parsed(visit_id=n, records=records_of({"name": f"Number {n}"})) for n in range(3)}
    assert parsed_of(batch) == expected


def test_new_and_stored_bodies_lie_side_by_side_in_a_batch(run, stored):
    batch = batch_of(run, {7: "<h1>New</h1>"})
    fetched = objects.load(objects.read_object(batch.folder, objects.FETCHED), Fetched)
    other = batch_of_unchanged(run, stored[:1], *fetched)
    segment = objects.read_object(batch.folder, objects.SEGMENT)
    objects.write_object(other.folder, objects.SEGMENT, segment)
    assert parse_batch(other.pk, NOW)
    assert {n: values_of(parsed) for n, parsed in parsed_of(other).items()} == {
        0: {"name": "Number 0"},
        7: {"name": "New"},
    }


@pytest.mark.parametrize("late", [False, True])
def test_a_segment_that_pruning_moves_is_found_again(run, stored, monkeypatch, late):
    """Before the batch is parsed, or after it has looked where the bodies lie."""
    monkeypatch.setattr(segments, "SMALL", 0)
    batch = batch_of_unchanged(run, stored[1:])
    Batch.objects.filter(pk=stored[0].batch_id).update(live_bytes=1, segment_bytes=10_000)
    Snapshot.objects.filter(pk=stored[0].pk).delete()

    def move() -> None:
        before = stored[1].batch.folder
        assert prune(NOW, seconds=60)
        assert Batch.objects.get(pk=stored[1].batch_id).folder != before
        with pytest.raises(objects.ObjectMissing):
            objects.read_object(before, objects.SEGMENT)

    look = stage.StoredBodies.__init__

    def look_then_move(bodies, snapshot_ids) -> None:
        look(bodies, snapshot_ids)
        move()

    if late:
        monkeypatch.setattr(stage.StoredBodies, "__init__", look_then_move)
    else:
        move()
    assert parse_batch(batch.pk, NOW)
    found = {n: values_of(parsed) for n, parsed in parsed_of(batch).items()}
    assert found == {0: {"name": "Number 1"}, 1: {"name": "Number 2"}}


def test_a_stored_body_that_is_gone_costs_one_record(run, stored, caplog):
    batch = batch_of_unchanged(run, stored)
    gone = stored[1].pk
    stored[1].delete()
    assert parse_batch(batch.pk, NOW)
    reasons = {number: parsed.reason for number, parsed in parsed_of(batch).items()}
    assert reasons == {0: None, 1: Reason.INTERNAL_ERROR, 2: None}
    assert f"version {gone} has been deleted" in caplog.text


def test_a_stored_body_that_kills_parsers_is_set_aside(run, stored, monkeypatch):
    batch = batch_of_unchanged(run, stored)
    read_again = stage.read_again

    def deadly(stored, page, rules):
        if b"Number 1" in stored.body:
            raise Power
        return read_again(stored, page, rules)

    monkeypatch.setattr(stage, "read_again", deadly)
    for _ in range(3):
        with pytest.raises(Power):
            parse_batch(batch.pk, NOW)
    assert parse_batch(batch.pk, NOW)
    reasons = {number: parsed.reason for number, parsed in parsed_of(batch).items()}
    assert reasons == {0: None, 1: Reason.PARSER_KILLED, 2: None}


def with_bodies_beside(batch: Batch, *bodies: str) -> list[Path]:
    """Put the bodies of a batch's pages beside its segment, as fetch does; the files that are there then."""
    fetched = objects.load(objects.read_object(batch.folder, objects.FETCHED), Fetched)
    at = [sum(len(body) for body in bodies[:number]) for number in range(len(bodies))]
    placed = [
        msgspec.structs.replace(page, body_at=offset, size=len(body))
        for page, offset, body in zip(fetched, at, bodies, strict=True)
    ]
    objects.write_object(batch.folder, objects.FETCHED, objects.dump(placed))
    objects.write_bodies(batch.folder, [body.encode() for body in bodies])
    return list(Path(objects.storage().path(batch.folder)).glob("bodies-*"))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells one boot from another")
def test_bodies_beside_the_segment_are_read_once_and_deleted(run):
    batch = batch_of(run, {1: "<h1>packed</h1>", 2: "<h1>packed</h1>"})
    (file,) = with_bodies_beside(batch, "<h1>one</h1>", "<h1>two</h1>")
    assert parse_batch(batch.pk, NOW)
    assert [values_of(parsed)["name"] for parsed in parsed_of(batch).values()] == ["one", "two"]
    assert not file.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells one boot from another")
@pytest.mark.parametrize("lost", ["all", "the end", "another boot"])
def test_without_them_the_segment_is_read(run, lost):
    batch = batch_of(run, {1: "<h1>packed</h1>"})
    (file,) = with_bodies_beside(batch, "<h1>one</h1>")
    if lost == "all":
        file.unlink()
    elif lost == "the end":
        file.write_bytes(file.read_bytes()[:-1])
    else:
        file.rename(file.with_name("bodies-of-another-boot"))
    assert parse_batch(batch.pk, NOW)
    assert values_of(parsed_of(batch)[1])["name"] == "packed"


def test_without_a_segment_they_are_of_no_use(run):
    batch = batch_of(run, {1: "<h1>packed</h1>"})
    with_bodies_beside(batch, "<h1>one</h1>")
    objects.delete_object(batch.folder, objects.SEGMENT)
    with pytest.raises(objects.ObjectMissing):
        parse_batch(batch.pk, NOW)


def test_a_missing_object_is_told(run):
    batch = batch_of(run, {1: "<h1>1</h1>"})
    objects.delete_object(batch.folder, objects.SEGMENT)
    with pytest.raises(objects.ObjectMissing, match=batch.folder):
        parse_batch(batch.pk, NOW)
    assert Batch.objects.get().state == STATE.FETCHED


def test_rules_of_headers_read_them_from_the_segment(stored):
    rules = [{"name": "type", "header": "x-kind"}, {"name": "name", "css": "h1"}]
    run = make_run(make_seed(fields=rules), Run.State.OPEN)
    segment = objects.SegmentWriter()
    result = FetchResult(
        url="http://shop.example/1", status=200, body=b"<h1>x</h1>", headers=(("x-kind", "lamp"), ("a", "b"))
    )
    offset, length = segment.add(result, NOW)
    fetched = new_fetched(
        visit_id=1, run_id=run.pk, url=result.url, content_type="text/html", offset=offset, length=length
    )
    folder = objects.new_folder(NOW)
    batch = make_batch(folder=folder, visits_count=1, due_at=NOW)
    objects.write_object(folder, objects.SEGMENT, segment.bytes())
    objects.write_object(folder, objects.FETCHED, objects.dump([fetched]))
    with_bodies_beside(batch, "<h1>x</h1>")
    assert parse_batch(batch.pk, NOW)
    assert values_of(parsed_of(batch)[1]) == {"type": "lamp", "name": "x"}
