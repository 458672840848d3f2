"""Microsoft Teams, by a workflow that posts what a webhook gets: an Adaptive Card (adaptivecards.io, 1.4)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pipelines.telling.kinds.kind import Answer, Problems, Sending, Setting, check_address
from pipelines.telling.kinds.posting import post

LABEL = "Microsoft Teams"
SETTINGS = (
    Setting(
        "url", "Address of the workflow", "Of “Post to a channel when a webhook is received”.", secret=True
    ),
)
LINE = 400  # characters
MOST = 24_000  # bytes of all lines: Teams takes cards of 28 KB
_SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"


def check(options: Mapping[str, Any], secret: Mapping[str, str]) -> Problems:
    """The address."""
    return check_address(secret)


def send(sending: Sending) -> Answer:
    """POST one card."""
    content = json.dumps(payload(sending), ensure_ascii=False).encode()
    return post(sending.secret["url"], content, {"content-type": "application/json"}, sending.networks)


def payload(sending: Sending) -> dict[str, Any]:
    """A card of rich text blocks: in text runs no Markdown is read."""
    blocks = _fitted([_block(sentence, address) for sentence, address in sending.entries()])
    card = {"$schema": _SCHEMA, "type": "AdaptiveCard", "version": "1.4", "body": blocks}
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "contentUrl": None, "content": card}]}


def _fitted(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    room = MOST
    for number, block in enumerate(blocks):
        room -= len(json.dumps(block).encode())
        if room < 0:
            return [*blocks[:number], _block(f"… and {len(blocks) - number} more", "")]
    return blocks


def _block(sentence: str, address: str) -> dict[str, Any]:
    runs: list[dict[str, Any]] = [{"type": "TextRun", "text": sentence[:LINE]}]
    if address and len(address) <= LINE:
        opens = {"type": "Action.OpenUrl", "url": address}
        runs += [
            {"type": "TextRun", "text": " "},
            {"type": "TextRun", "text": "details", "selectAction": opens},
        ]
    return {"type": "RichTextBlock", "inlines": runs}
