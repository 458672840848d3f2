"""Requests with a body as people write them: JSON objects, one after the other or as a list."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from crawler.seeds.json_text import read_json


def read_requests(text: str) -> list[dict[str, Any]]:
    """The plain forms of a text's requests (:mod:`crawler.seed_requests`), unchecked; none of an empty one.

    Raises ValueError, with a sentence for people, if it is no JSON.
    """
    if not text.strip():
        return []
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and all(line.strip()[0] == "{" and line.strip()[-1] == "}" for line in lines):
        entries: Any = [read_json(line) for line in lines]
    else:
        plain = read_json(text)
        entries = [plain] if isinstance(plain, Mapping) else plain
    if not isinstance(entries, list):
        raise ValueError('Write a request as a JSON object, such as {"url": "https://…", "json": {…}}.')
    return entries


def written_requests(requests: Sequence[Mapping[str, Any]]) -> str:
    """The text that :func:`read_requests` reads, a request a line; empty without any."""
    return "\n".join(json.dumps(request, ensure_ascii=False) for request in requests)
