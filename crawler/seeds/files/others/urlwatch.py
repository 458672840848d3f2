"""urls.yaml of urlwatch: a document for each job, as its manual says under "Jobs".

Its schedule is not in the file: cron starts urlwatch. So seeds of it run by hand until somebody says when.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crawler.seeds.files.others.carried import Carried, Entry, Notes, carried, field_of, usable
from crawler.seeds.files.reading import FileProblem
from crawler.seeds.files.yaml_text import WrongYaml, read_yaml

_TAKEN = {"name", "url", "filter", "headers", "cookies", "tags", "method", "data", "enabled", "kind"}
_OURS = {  # what needs no word: it makes no difference here, or is as here
    "html2text", "strip", "user_visible_url", "note", "ignore_cached", "max_tries", "timeout",
    "compared_versions",
}  # fmt: skip
_NOISE = "write what does not count under 'noise'"


def carry_over(text: str) -> Carried:
    """The jobs of a list as seeds of single pages."""
    notes = Notes()
    try:
        read = read_yaml(text)
    except WrongYaml as error:
        return Carried([], [FileProblem(error.line, str(error))], [])
    entries = []
    for number, job in enumerate(read.documents):
        line = read.lines[number,]
        if isinstance(job, Mapping) and isinstance(job.get("url"), str):
            entries.append(Entry(_seed(job, line, notes), line))
        elif isinstance(job, Mapping) and "navigate" in job:
            why = "it is read with a browser ('navigate'), and pages are read without one here. Left out."
            notes.leave_out(line, str(job.get("name", job["navigate"])), why)
        elif job is not None:
            name = str(job.get("name", "a job")) if isinstance(job, Mapping) else "a job"
            notes.leave_out(line, name, "it has no 'url' (shell commands are not run). Left out.")
    return carried(entries, notes)


def _seed(job: Mapping[str, Any], line: int, notes: Notes) -> dict[str, Any]:
    name, url = str(job.get("name") or job["url"]), job["url"]
    seed: dict[str, Any] = {"name": name, "schedule": "manual", "scope": "page", "start_urls": [url]}
    if job.get("enabled") is False:
        seed["enabled"] = False
    if tags := job.get("tags"):
        seed["tags"] = [str(tag) for tag in tags] if isinstance(tags, list) else str(tags).split()
    if headers := _headers(job, line, name, notes):
        seed["headers"] = headers
    if str(job.get("method", "GET")).upper() != "GET" or "data" in job:
        notes.leave_out(line, name, "its method and body ('method', 'data'); write them under 'requests'.")
    for part in sorted(job.keys() - _TAKEN - _OURS):
        notes.leave_out(line, name, f"'{part}' has nothing like it here and was left out.")
    return seed | _filters(job.get("filter"), line, name, notes)


def _headers(job: Mapping[str, Any], line: int, name: str, notes: Notes) -> list[str]:
    lines = []
    for word in ("headers", "cookies"):
        given = job.get(word) or {}
        if not isinstance(given, Mapping):
            notes.leave_out(line, name, f"'{word}' are no names with values and were left out.")
        elif word == "headers":
            lines += [f"{header}: {value}" for header, value in given.items()]
        elif given:
            lines.append(f"Cookie: {'; '.join(f'{cookie}={value}' for cookie, value in given.items())}")
    return lines


def _filters(filters: Any, line: int, name: str, notes: Notes) -> dict[str, Any]:
    """The first filter by CSS or XPath as a field; others are named."""
    seed: dict[str, Any] = {}
    for step in _steps(filters):
        ((kind, given),) = step.items()
        rule = given.get("selector", given.get("path")) if isinstance(given, Mapping) else given
        if kind in ("css", "xpath") and isinstance(rule, str) and not seed and usable(kind, rule):
            seed = {"fields": field_of(kind, rule), "change_means": "fields"}
        elif kind not in _OURS:
            notes.leave_out(line, name, f"the filter '{kind}' was left out; {_NOISE}, or give a field steps.")
    return seed


def _steps(filters: Any) -> list[dict[str, Any]]:
    """Filters as urlwatch has them: a text of ``name:value,name``, or a list of texts and mappings."""
    if isinstance(filters, str):
        filters = re.split(r",(?=[a-z][a-z0-9_-]*(?:[:,]|$))", filters)
    steps: list[dict[str, Any]] = []
    for step in filters if isinstance(filters, list) else []:
        if isinstance(step, Mapping):
            steps += [{str(kind): given} for kind, given in step.items()]
        else:
            kind, _, given = str(step).partition(":")
            steps.append({kind.strip(): given})
    return steps
