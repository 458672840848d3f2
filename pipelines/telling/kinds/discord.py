"""Discord, by a webhook of a channel (docs.discord.com, "Execute Webhook")."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pipelines.telling.kinds.kind import Answer, Problems, Sending, Setting, check_address, fitted
from pipelines.telling.kinds.posting import post

LABEL = "Discord"
SETTINGS = (Setting("url", "Address of the webhook", secret=True),)
MOST, LINE = 2_000, 300  # characters of a message, by Discord, and of a line
NO_EMBEDS = 4  # flag: no previews of links
_MARKUP = re.compile(r"([\\*_~`|>#\-\[\]()<:@])")


def check(options: Mapping[str, Any], secret: Mapping[str, str]) -> Problems:
    """The address."""
    return check_address(secret)


def send(sending: Sending) -> Answer:
    """POST one message."""
    content = json.dumps(payload(sending), ensure_ascii=False).encode()
    return post(sending.secret["url"], content, {"content-type": "application/json"}, sending.networks)


def payload(sending: Sending) -> dict[str, Any]:
    """Text in which every sign of markup is escaped, and that mentions nobody."""
    lines = [_line(sentence, address) for sentence, address in sending.entries()]
    return {"content": fitted(lines, MOST), "flags": NO_EMBEDS, "allowed_mentions": {"parse": []}}


def _line(sentence: str, address: str) -> str:
    text = _MARKUP.sub(r"\\\1", sentence[:LINE])
    return f"{text} <{address}>" if address and len(address) <= LINE and ">" not in address else text
