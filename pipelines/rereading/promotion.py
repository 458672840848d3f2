"""Promoting a slice: its records get the values of the new rules, and the history that these read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from catalog.models import ChangeSet, Page, Reading, Record, RecordVersion, Rereading
from catalog.sql import bulk
from pipelines.rereading.history import Life
from pipelines.rereading.slices import Pair
from pipelines.store.readings import as_json
from pipelines.store.record_row import CHANGED, COLUMNS, RecordRow, rows_for

_VERSION = ("record_id", "values", "snapshot_id", "rule_set_id", "since", "until", "changed_in_id")


def set_for(rereading: Rereading) -> int:
    """The id of its change set. Nobody sees the set before :func:`close_set` writes its row."""
    if rereading.change_set is None:
        (rereading.change_set,) = bulk.new_ids(ChangeSet, 1)
    return rereading.change_set


def close_set(rereading: Rereading, now: datetime) -> None:
    """Show the whole promotion to readers of the feed."""
    if rereading.change_set is not None:
        ChangeSet.objects.get_or_create(pk=rereading.change_set, defaults={"created_at": now})


def promote_pairs(rereading: Rereading, pairs: Sequence[Pair], now: datetime) -> None:
    """Write the records of a slice. Call it in the transaction that moves the place."""
    set_id = set_for(rereading) if any(pair.kind for pair in pairs) else None
    new, changed, ids = [], [], []
    versions: list[bulk.Row] = []
    inserted: list[tuple[RecordRow, Life]] = []
    for pair in pairs:
        if pair.life is None:
            if pair.kind:
                assert pair.record is not None
                pair.record.gone_at, pair.record.changed_in_id = now, set_id
                changed.append(pair.record)
            continue
        row = pair.record or _new(rereading, pair, pair.life)
        if pair.record is None:
            new.append(row)
            inserted.append((row, pair.life))
        else:
            ids.append(row.id)
            versions += _history(rereading, row.id, pair.life)
            if pair.kind == "changed":
                receipt = (row.snapshot_id, row.rule_set_id)
                times = (row.last_changed_at, max(now, row.last_changed_at))
                versions.append((row.id, as_json(row.values), *receipt, *times, set_id))
            changed.append(row)
        _renew(rereading, row, pair, set_id)
    _forget_history(rereading, ids)
    for row, pk in zip(new, bulk.new_ids(Record, len(new)), strict=True):
        row.id = pk
    bulk.insert(Record, COLUMNS, rows_for(COLUMNS, new))
    for row, life in inserted:
        versions += _history(rereading, row.id, life)
    bulk.update(Record, _ALL, rows_for(_ALL, sorted(changed, key=lambda row: row.id)))
    bulk.insert(RecordVersion, _VERSION, versions)


_ALL = ("key", "first_seen_at", *CHANGED)


def _new(rereading: Rereading, pair: Pair, life: Life) -> RecordRow:
    return RecordRow(
        rereading.seed_id, pair.collection, pair.key_hash, life.home.key, life.first_seen_at,
        life.home.page, [], life.home.position, {}, life.last_seen_at, {}, life.values.snapshot,
        rereading.rule_set_id,
        life.last_changed_at,
    )  # fmt: skip


def _renew(rereading: Rereading, row: RecordRow, pair: Pair, set_id: int | None) -> None:
    """Bring a row in line with the life that the new rules tell."""
    kind, life = pair.kind, pair.life
    assert life is not None
    row.key, row.page_id, row.position = life.home.key, life.home.page, life.home.position
    row.also_on, row.problems = life.also_on, life.home.problems
    row.values, row.snapshot_id, row.rule_set_id = (
        life.values.values,
        life.values.snapshot,
        rereading.rule_set_id,
    )
    row.first_seen_at = min(row.first_seen_at, life.first_seen_at)
    row.last_seen_at = max(row.last_seen_at, life.last_seen_at)
    row.last_changed_at, row.gone_at = life.last_changed_at, life.gone_at
    if kind:
        row.changed_in_id = set_id
    if kind == "new":
        row.new_in_id = set_id


def _history(rereading: Rereading, record_id: int, life: Life) -> list[bulk.Row]:
    """The earlier values; no change set ended them, for nobody was told of them then."""
    return [
        (record_id, as_json(each.values), each.snapshot, rereading.rule_set_id, each.since, each.until, None)
        for each in life.earlier
    ]


def _forget_history(rereading: Rereading, ids: Sequence[int]) -> None:
    """What the rules before have read of the time that was read again."""
    versions = RecordVersion.objects.filter(record__in=ids)
    if rereading.since is not None:
        versions = versions.filter(until__gt=rereading.since)
    versions.delete()


def set_rule_set(rereading: Rereading, pages: Sequence[int]) -> None:
    """Say of pages that the new rules have read them: the next run need not. Not of those that are newer."""
    read = Reading.objects.filter(rule_set=rereading.rule_set_id, snapshot__page__in=pages)
    latest = read.values("snapshot")
    changed = Page.objects.filter(pk__in=pages, latest__in=latest, latest__lte=rereading.last_snapshot)
    changed.update(rule_set=rereading.rule_set_id, values_signature=None)
