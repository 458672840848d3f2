"""Lists of changedetection.io: ``url-watches.json`` of its backup, or an export of its watches as JSON.

The file of a backup has the watches under ``watching`` and the names of tags under
``settings.application.tags``; an answer of its API has the watches alone, by their ids.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from crawler.seeds.files.others.carried import Carried, Entry, Notes, carried, field_of, usable
from crawler.seeds.files.reading import FileProblem
from crawler.seeds.json_text import read_json

_SPANS = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}
_LEAST = 60  # seconds between two runs
_LEFT_OUT = {
    "browser_steps": "its steps in a browser; pages are read without one here.",
    "webdriver_js_execute_code": "its script in a browser; pages are read without one here.",
    "conditions": "its conditions; make an alert instead.",
    "trigger_text": "its trigger texts; make an alert with that condition instead.",
    "text_should_not_be_present": "its texts that must not be there; make an alert instead.",
    "extract_text": "its expressions that cut the text; give a field the step 'regex' instead.",
    "notification_urls": "where it tells of changes; make a channel and an alert instead.",
    "proxy": "its proxy.",
    "price_change_threshold_percent": "its price threshold; make an alert on a field of type money.",
}


def carry_over(text: str) -> Carried:
    """The watches of a list as seeds of single pages."""
    try:
        whole = read_json(text)
    except ValueError as error:
        return Carried([], [FileProblem(1, str(error))], [])
    watches = whole.get("watching", whole) if isinstance(whole, Mapping) else whole
    listed = list(watches.values()) if isinstance(watches, Mapping) else watches
    notes, tags = Notes(), _tags(whole)
    entries = [
        Entry(_seed(watch, tags, line, notes), line)
        for watch in (listed if isinstance(listed, list) else [])
        if isinstance(watch, Mapping) and isinstance(watch.get("url"), str)
        for line in [_line(text, watch["url"])]
    ]
    return carried(entries, notes)


def _line(text: str, url: str) -> int:
    """The line in which an address first stands."""
    place = max(0, text.find(json.dumps(url)))
    return text.count("\n", 0, place) + 1


def _tags(whole: Any) -> dict[str, str]:
    """The names of tags by their ids."""
    try:
        return {key: str(tag["title"]) for key, tag in whole["settings"]["application"]["tags"].items()}
    except (KeyError, TypeError, AttributeError):
        return {}


def _seed(watch: Mapping[str, Any], tags: Mapping[str, str], line: int, notes: Notes) -> dict[str, Any]:
    name = str(watch.get("title") or watch["url"])
    seed: dict[str, Any] = {
        "name": name,
        "scope": "page",
        "start_urls": [watch["url"]],
        **_when(watch, line, name, notes),
    }
    if watch.get("paused") is True:
        seed["enabled"] = False
    if named := [tags[tag] for tag in _list(watch, "tags") if tag in tags]:
        seed["tags"] = list(dict.fromkeys(named))
    headers = watch.get("headers")
    if isinstance(headers, Mapping) and headers:
        seed["headers"] = [f"{header}: {value}" for header, value in headers.items()]
    if noise := [
        f"css: {selector}" for selector in _list(watch, "subtractive_selectors") if usable("css", selector)
    ]:
        seed["noise"] = noise
    for word, what in _LEFT_OUT.items():
        if watch.get(word):
            notes.leave_out(line, name, f"left out: {what}")
    if str(watch.get("method") or "GET").upper() != "GET":
        notes.leave_out(line, name, "left out: its method and body; write them under 'requests'.")
    for text in _list(watch, "ignore_text"):
        notes.leave_out(line, name, f"left out: the ignored text {text!r}; write it under 'noise'.")
    return seed | _filters(watch, line, name, notes)


def _when(watch: Mapping[str, Any], line: int, name: str, notes: Notes) -> dict[str, Any]:
    given = watch.get("time_between_check")
    seconds = 0
    if isinstance(given, Mapping) and watch.get("time_between_check_use_default") is not True:
        seconds = sum(
            size * int(given[word]) for word, size in _SPANS.items() if str(given.get(word) or "").isdecimal()
        )
    if not seconds:
        notes.leave_out(line, name, "how often is not in the list; it runs by hand until you say.")
        return {"schedule": "manual"}
    if seconds < _LEAST:
        notes.leave_out(line, name, f"every {seconds} s is too often; it runs every minute.")
    return {"schedule": "interval", "interval_seconds": max(seconds, _LEAST)}


def _filters(watch: Mapping[str, Any], line: int, name: str, notes: Notes) -> dict[str, Any]:
    seed: dict[str, Any] = {}
    for given in _list(watch, "include_filters"):
        kind, rule = _rule(given)
        if not seed and usable(kind, rule):
            seed = {"fields": field_of(kind, rule), "change_means": "fields"}
        else:
            notes.leave_out(line, name, f"the filter {given!r} was left out; write it as a field.")
    return seed


def _rule(given: str) -> tuple[str, str]:
    """A filter: XPath begins with / or xpath:, JSON paths with json:, all else is CSS."""
    for mark, kind in (("xpath1:", "xpath"), ("xpath:", "xpath"), ("jsonpath:", "json"), ("json:", "json")):
        if given.startswith(mark):
            return kind, given.removeprefix(mark)
    return ("xpath", given) if given.startswith("/") else ("css", given)


def _list(watch: Mapping[str, Any], word: str) -> list[str]:
    given = watch.get(word)
    return (
        [each for each in given if isinstance(each, str) and each.strip()] if isinstance(given, list) else []
    )
