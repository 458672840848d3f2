"""What hinders a rereading: it ends all the same, says what is missing, and takes nothing away for it."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from catalog.models import Batch, Page, Reading, Record, Rereading, RereadingPart, Seed, Sighting
from crawler.outcomes import Reason
from pipelines.archive import SEGMENT, ArchiveError
from pipelines.prune import prune
from pipelines.rereading import ask, bodies, drop, go_on, parts, progress_of, promote, read_part
from tests.integration.stored_shop import (
    LAST,
    LATER,
    stored_shop,
    used,
    with_other_price,
    work,
    work_on,
)

pytestmark = pytest.mark.django_db
State = Rereading.State


@pytest.fixture
def seed(monkeypatch: pytest.MonkeyPatch, archive: Path) -> Seed:
    return stored_shop(monkeypatch)


def fails(*args: Any) -> Any:
    raise ArchiveError("the store does not answer")


def prices() -> dict[str, str]:
    return {record.key[0]: record.values["price"] for record in Record.objects.filter(gone_at=None)}


def test_an_archive_out_of_reach_is_waited_for(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(bodies, "open_segment", fails)
        rereading = work(ask(seed, LATER))
    progress = progress_of(rereading)
    assert (progress.state, progress.read) == (State.READING, 0)
    assert "the store does not answer" in progress.error
    work(rereading, LATER + timedelta(minutes=5))
    assert (rereading.state, rereading.error, rereading.difference["products"]["new"]) == (
        State.COMPARED,
        "",
        3,
    )


def test_it_is_not_waited_for_without_end(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    used(seed)
    before = prices()
    monkeypatch.setattr(bodies, "open_segment", fails)
    rereading = work_on(ask(with_other_price(seed), LATER))
    assert rereading.state == State.COMPARED
    assert progress_of(rereading).unread == {bodies.OUT_OF_REACH: 6}
    assert rereading.error.startswith("6 of 6 versions could not be read")
    promote(rereading)
    work(rereading, LAST)
    assert (prices(), progress_of(rereading).unread) == (before, {bodies.OUT_OF_REACH: 6})


def test_what_fails_for_any_other_reason_ends_too(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "compile_collections", lambda rules: {}["the extractor"])
    rereading = work_on(ask(seed, LATER))
    assert rereading.state == State.COMPARED
    assert progress_of(rereading).unread == {Reason.INTERNAL_ERROR: 6}


def test_a_body_that_is_damaged_or_missing_costs_no_other(seed: Seed, archive: Path) -> None:
    first, second = Batch.objects.order_by("pk").values_list("folder", flat=True)
    file = archive / first / SEGMENT
    version = Page.objects.get(url__endswith="/b").snapshots.get()
    with file.open("r+b") as segment:
        segment.seek(version.offset)
        segment.write(b"nothing that was ever compressed")
    shutil.rmtree(archive / second)
    rereading = work(ask(seed, LATER))
    assert rereading.state == State.COMPARED
    assert progress_of(rereading).unread == {bodies.DAMAGED: 1, bodies.NOT_IN_ARCHIVE: 2}


def test_what_was_counted_stays_when_it_is_dropped(seed: Seed) -> None:
    rereading = work(ask(seed, LATER))
    drop(rereading)
    work(rereading)
    progress = progress_of(rereading)
    assert (progress.state, progress.read, rereading.difference["products"]["new"]) == (State.DROPPED, 6, 3)


def test_a_reader_of_what_is_dropped_writes_nothing(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    rereading = ask(seed, LATER)
    while go_on(rereading.pk, LATER):
        pass
    real = parts.read_versions

    def late(*args: Any) -> None:
        real(*args)
        drop(rereading)
        go_on(rereading.pk, LATER)

    monkeypatch.setattr(parts, "read_versions", late)
    read_part(rereading.pk, LATER)
    rereading.refresh_from_db()
    assert rereading.finished_at is not None
    assert not Sighting.objects.exists()
    assert not Reading.objects.exists()


def test_segments_that_pruning_writes_anew_are_found(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    Batch.objects.update(live_bytes=1, segment_bytes=1 << 20)  # so little of it is needed, as it seems
    folders = set(Batch.objects.values_list("folder", flat=True))
    real = parts.read_versions

    def after_pruning(*args: Any) -> None:
        assert prune(LATER, seconds=600)
        real(*args)

    monkeypatch.setattr(parts, "read_versions", after_pruning)
    rereading = work(ask(seed, LATER))
    assert folders.isdisjoint(Batch.objects.values_list("folder", flat=True))
    assert (progress_of(rereading).unread, rereading.difference["products"]["new"]) == ({}, 3)


def test_a_deleted_seed_takes_its_rereading_along(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    rereading = ask(seed, LATER)
    while go_on(rereading.pk, LATER):
        pass
    real = parts.read_versions

    def late(*args: Any) -> None:
        real(*args)
        Seed.objects.filter(pk=seed.pk).update(deleted_at=LATER - timedelta(days=2))
        assert prune(LATER, seconds=600)

    read_part(rereading.pk, LATER, lambda: True)
    assert Sighting.objects.exists()
    monkeypatch.setattr(parts, "read_versions", late)
    read_part(rereading.pk, LATER)
    for table in (Seed, Page, Reading, Rereading, RereadingPart, Sighting):
        assert not table.objects.exists()
    assert not go_on(rereading.pk, LAST)
