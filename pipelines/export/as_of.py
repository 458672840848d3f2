"""The rows of records and pages as they were at a moment, in the columns of their rows as they are now.

Null is what was overwritten since: when a thing was seen last before the moment, and at which position of its
page one stood that has a key. Its address is that of the page from which its values were read.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from catalog.models import Reading, Snapshot
from crawler.outcomes import Outcome
from pipelines.as_of.pages import versions_at
from pipelines.as_of.records import COLUMNS, RecordAt, records_at
from pipelines.export.slices import Fields, Row, content_hashes, moment_text

NOT_KEPT = "not_kept"  # the reason of a page whose version of that time has been pruned
RECORD = (
    *(*COLUMNS, "page__url", "collection", "key", "position", "first_seen_at", "last_seen_at"),
    *("page__last_fetched_at", "seed__name"),
)
PAGE = ("pk", "url", "last_fetched_at")
_VERSION = ("page_id", "final_url", "status", "content_type", "fetched_at", "title")


def record_rows_at(part: Sequence[Row], moment: datetime) -> list[Row]:
    """The rows of records that had been seen by a moment; ``part`` has :data:`RECORD`."""
    states = records_at(part, moment)
    versions = {state.snapshot_id for state in states.values() if state.snapshot_id is not None}
    urls = dict(Snapshot.objects.filter(pk__in=versions).values_list("pk", "page__url"))
    hashes = content_hashes(versions)
    return [
        _record_row(row, state, urls, moment) | {"content_hash": hashes.get(state.snapshot_id or 0)}
        for row in part
        for state in (states[row["pk"]],)
    ]


def _record_row(row: Row, state: RecordAt, urls: dict[int, str], moment: datetime) -> Row:
    seen = row["last_seen_at"] if row["gone_at"] else max(row["last_seen_at"], row["page__last_fetched_at"])
    return {
        "url": urls.get(state.snapshot_id or 0, row["page__url"]),
        "collection": row["collection"],
        "key": row["key"],
        "position": None if row["key"] else row["position"],
        "first_seen_at": moment_text(row["first_seen_at"]),
        "last_seen_at": moment_text(seen) if seen <= moment else None,
        "last_changed_at": moment_text(state.changed_at),
        "gone_at": moment_text(state.gone_at),
        "seed": row["seed__name"],
        "record": row["pk"],
        "fields": state.values,
    }


def page_rows_at(part: Sequence[Row], moment: datetime) -> list[Row]:
    """The rows of pages that had been stored by a moment, with ``data``: all that was read.

    ``part`` has :data:`PAGE`.
    """
    latest = versions_at([row["pk"] for row in part], moment)
    versions = Snapshot.objects.filter(pk__in=latest.values()).values(*_VERSION, "pk")
    data = _data(latest.values())
    by_page = {version["page_id"]: version | {"data": data.get(version["pk"])} for version in versions}
    return [_page_row(row, by_page.get(row["pk"]), moment) for row in part]


def _data(versions: Collection[int]) -> dict[int, dict[str, list[Fields]]]:
    """By version, what the newest rules have read from it."""
    readings = Reading.objects.filter(snapshot__in=list(versions)).newest_first()
    return dict(reversed(list(readings.values_list("snapshot", "data"))))


def _page_row(row: Row, version: Row | None, moment: datetime) -> Row:
    """Whether a version was found unchanged between it and the moment is known of the last look only."""
    known = {"outcome": None, "reason": NOT_KEPT, "verdict": None, "evidence": None}
    if version is None:
        return row | dict.fromkeys(_VERSION) | known | {"data": None}
    unchanged = version["fetched_at"] < row["last_fetched_at"] <= moment
    known |= {"outcome": (Outcome.UNCHANGED if unchanged else Outcome.STORED).label, "reason": None}
    fetched_at = row["last_fetched_at"] if unchanged else version["fetched_at"]
    return row | version | known | {"fetched_at": moment_text(fetched_at)}
