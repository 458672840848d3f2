"""Verdicts: what an answer is that is no page though it looks like one, with the evidence for it.

One module a verdict, each with the function of :class:`crawler.reading.verdicts.answer.Judge`. Packages of
other people add theirs by an entry point of the group ``crawlbeat.verdicts``: its name is the verdict's word,
its target such a module. All are strict: what is doubtful is a page.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import cast

from crawler.reading.document import Document
from crawler.reading.verdicts.answer import Answer, Judge, Verdict, at_first_look

VERDICTS = {
    "block_page": "crawler.reading.verdicts.block_page",
    "parked_domain": "crawler.reading.verdicts.parked_domain",
    "empty_shell": "crawler.reading.verdicts.empty_shell",
    "login_page": "crawler.reading.verdicts.login_page",
    "soft_404": "crawler.reading.verdicts.soft_404",
}
"""The module of every verdict of ours, in the order in which they are asked."""

GROUP = "crawlbeat.verdicts"


def judge(document: Document, *, url: str, status: int | None, final_url: str = "") -> Verdict | None:
    """The verdict on an answer; None for a page, which is the usual case and takes some microseconds.

    ``url`` is what was asked for, ``final_url`` where redirects led, if they did.
    """
    if not at_first_look(document):
        return None
    answer = Answer(document, url, status, final_url)
    for kind, module in _judges().items():
        if evidence := module.judge(answer):
            return Verdict(kind, evidence)
    return None


@cache
def _judges() -> dict[str, Judge]:
    """Loaded once a process, at its first page that is looked at twice."""
    judges = {kind: cast(Judge, import_module(module)) for kind, module in VERDICTS.items()}
    return judges | {entry.name: cast(Judge, entry.load()) for entry in entry_points(group=GROUP)}


def kinds() -> list[str]:
    """The words of all verdicts, those of other people's packages included."""
    return list(dict.fromkeys([*VERDICTS, *(entry.name for entry in entry_points(group=GROUP))]))
