"""Slack, by an incoming webhook (docs.slack.dev, "Sending messages using incoming webhooks")."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pipelines.telling.kinds.kind import Answer, Problems, Sending, Setting, check_address, fitted
from pipelines.telling.kinds.posting import post

LABEL = "Slack"
SETTINGS = (Setting("url", "Address of the incoming webhook", secret=True),)
SHORT, LINE, LINES = 2_900, 1_000, 60  # characters of the plain text and of a line; lines
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})  # all that Slack asks to escape


def check(options: Mapping[str, Any], secret: Mapping[str, str]) -> Problems:
    """The address."""
    return check_address(secret)


def send(sending: Sending) -> Answer:
    """POST one message."""
    content = json.dumps(payload(sending)).encode()
    return post(sending.secret["url"], content, {"content-type": "application/json"}, sending.networks)


def payload(sending: Sending) -> dict[str, Any]:
    """Rich text, in which nothing but its own link elements is markup, and plain text for notifications."""
    elements: list[dict[str, Any]] = []
    for sentence, address in list(sending.entries())[:LINES]:
        elements.append({"type": "text", "text": sentence[:LINE]})
        if address:
            elements += [{"type": "text", "text": " "}, {"type": "link", "url": address, "text": "details"}]
        elements.append({"type": "text", "text": "\n"})
    section = {"type": "rich_text_section", "elements": elements}
    lines = [sentence.translate(_ESCAPES) for sentence, _ in sending.entries()]
    return {
        "text": fitted(lines, SHORT),
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "blocks": [{"type": "rich_text", "elements": [section]}],
    }
