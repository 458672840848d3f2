"""A Google Sheet, by a web app of Apps Script that stands in docs/how-to/send-to-google-sheets.md.

The script keeps the id of the last shipment and the number of its last part, so it drops doubles.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pipelines.export.cells import all_typed, as_json, typed_table
from pipelines.export.slices import Row
from pipelines.shipping.places.place import ROWS, Lot, Spot
from pipelines.shipping.places.webhook import parts_of
from pipelines.telling.kinds.kind import Answer, Problems, Setting, check_address
from pipelines.telling.kinds.posting import post

LABEL = "Google Sheet"
TAKES = ROWS
PART_BYTES = 200_000
PART_ROWS = 500  # a script has little time
ANSWERS_AT = "script.googleusercontent.com"  # a web app redirects there for what it has answered
TAKEN = '{"ok":true'
SETTINGS = (
    Setting("url", "Address of the web app", "It ends in /exec.", secret=True),
    Setting("token", "Token", "The one that you wrote into the script.", secret=True),
)


def check(options: Mapping[str, Any], secret: Mapping[str, str]) -> Problems:
    """Address and token."""
    problems = check_address(secret)
    if len(secret.get("token", "")) < 16:
        problems |= {"token": "Give the token of the script: at least 16 random characters."}
    return problems


def send(lot: Lot) -> Answer:
    """POST every part, one after the other."""
    names = [column.name for column in all_typed(lot.columns)]
    table = typed_table(lot.columns)
    answer = Answer(True, "")
    for number, (rows, last) in enumerate(parts_of(lot.parts(), PART_ROWS, PART_BYTES), 1):
        lot.kept()
        part = {
            "id": lot.id,
            "shipment": lot.number,
            "whole": lot.whole,
            "part": number,
            "last": last,
            "columns": names,
            "rows": [list(map(_cell, row)) for row in zip(*table(rows), strict=True)],
        }
        answer = _post(lot.spot, part)
        if not answer.delivered:
            break
    return answer


def probe(spot: Spot) -> Answer:
    """Ask the script whether it knows the token."""
    return _post(spot, {"test": True})


def _post(spot: Spot, part: Row) -> Answer:
    content = json.dumps({"token": spot.secret["token"], **part}).encode()
    headers = {"content-type": "application/json"}
    answer = post(spot.secret["url"], content, headers, spot.networks, ANSWERS_AT)
    if answer.delivered and not answer.text.startswith(TAKEN):
        return Answer(False, f"The script answers: {answer.text[:200]}", answer.status)
    return answer


def _cell(value: Any) -> Any:
    """Numbers, truth values and texts; a text that begins as a formula would is none."""
    if value is None or isinstance(value, bool | int | float):
        return value
    text = as_json(value) if isinstance(value, list | dict) else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
