"""ntfy (docs.ntfy.sh/publish, "Publish as JSON"), of ntfy.sh or a server of one's own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pipelines.telling.kinds.kind import Answer, Problems, Sending, Setting, check_address, fitted
from pipelines.telling.kinds.posting import post

LABEL = "ntfy"
PRIORITIES = ("", "1", "2", "3", "4", "5")  # nothing is 3
SETTINGS = (
    Setting("url", "Address of the topic", "The server, and a name that nobody guesses.", secret=True),
    Setting("token", "Access token", "If the topic needs one.", secret=True, needed=False),
    Setting("priority", "Priority", "1 (silent) to 5 (rings on).", needed=False, choices=PRIORITIES),
)
TITLE, MOST = 250, 1_000  # characters; a message has up to 4,096 bytes, and a character up to 4


def check(options: Mapping[str, Any], secret: Mapping[str, str]) -> Problems:
    """Address and priority."""
    problems = check_address(secret)
    if not problems and not _topic(secret["url"]):
        problems["url"] = (
            "The topic is missing: give it behind the server, such as https://ntfy.example/topic."
        )
    if str(options.get("priority", "")) not in PRIORITIES:
        problems["priority"] = "Give a number from 1 to 5, or nothing."
    return problems


def send(sending: Sending) -> Answer:
    """POST one message to the server's root."""
    parts = urlsplit(sending.secret["url"])
    headers = {"content-type": "application/json"}
    if token := sending.secret.get("token"):
        headers["authorization"] = f"Bearer {token}"
    content = json.dumps(payload(sending), ensure_ascii=False).encode()
    return post(f"{parts.scheme}://{parts.netloc}/", content, headers, sending.networks)


def payload(sending: Sending) -> dict[str, Any]:
    """Title and text, neither of which ntfy reads as markup; a tap opens the address of a single event."""
    entries = list(sending.entries())
    plain: dict[str, Any] = {
        "topic": _topic(sending.secret["url"]),
        "title": sending.subject[:TITLE],
        "message": fitted([sentence[:MOST] for sentence, _ in entries], MOST),
        "priority": int(sending.options.get("priority") or 3),
    }
    if len(entries) == 1 and entries[0][1]:
        plain["click"] = entries[0][1]
    return plain


def _topic(address: str) -> str:
    return urlsplit(address).path.strip("/")
