"""A web address that takes rows as JSON, some at a time, signed as the channel of this name signs messages.

Each part is the same at every attempt, and so is its id: a receiver that keeps the ids drops doubles.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils import timezone

from pipelines.export.slices import Row
from pipelines.shipping.places.place import ROWS, Lot, Spot
from pipelines.telling.kinds import webhook
from pipelines.telling.kinds.kind import Answer, Problems
from pipelines.telling.kinds.posting import post

LABEL = webhook.LABEL
TAKES = ROWS
SETTINGS = webhook.SETTINGS
PART_BYTES = 500_000  # of rows, at least one
PART_ROWS = 500


def check(options: Mapping[str, Any], secret: Mapping[str, str]) -> Problems:
    """Address and key."""
    return webhook.check(options, secret)


def send(lot: Lot) -> Answer:
    """POST every part, one after the other."""
    answer = Answer(True, "")
    for number, (rows, last) in enumerate(parts_of(lot.parts(), PART_ROWS, PART_BYTES), 1):
        lot.kept()
        answer = _post(lot, number, rows, last)
        if not answer.delivered:
            break
    return answer


def _post(lot: Lot, number: int, rows: list[Row], last: bool) -> Answer:
    data = {
        "outlet": lot.outlet,
        "shipment": lot.number,
        "share": "whole" if lot.whole else "since",
        "since": lot.manifest["since"],
        "until": lot.manifest["until"],
        "part": number,
        "last": last,
        "rows": rows,
    }
    plain = {"type": "crawlbeat.shipment", "timestamp": lot.manifest["begun_at"], "data": data}
    content = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()
    uid = f"{lot.id}/{number}"
    headers = webhook.signed_headers(uid, content, lot.spot.secret["key"], lot.at)
    return post(lot.spot.secret["url"], content, headers, lot.spot.networks)


def parts_of(parts: Iterator[list[Row]], most_rows: int, most_bytes: int) -> Iterator[tuple[list[Row], bool]]:
    """Rows in parts of bounded size, always the same ones, each with whether it is the last; at least one."""
    part: list[Row] = []
    size = 0
    for row in (row for some in parts for row in some):
        length = len(json.dumps(row, ensure_ascii=False).encode())
        if part and (len(part) >= most_rows or size + length > most_bytes):
            yield part, False
            part, size = [], 0
        part.append(row)
        size += length
    yield part, True


def probe(spot: Spot) -> Answer:
    """POST a test without rows."""
    content = b'{"type":"crawlbeat.test","data":{}}'
    uid = f"test-{secrets.token_hex(8)}"
    headers = webhook.signed_headers(uid, content, spot.secret["key"], timezone.now())
    return post(spot.secret["url"], content, headers, spot.networks)
