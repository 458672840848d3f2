"""The entry of this package: a document in, the verdict on it out."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import cast

from crawler.plugs import load_plugged
from crawler.reading.document import Document
from crawler.reading.verdicts import GROUP, VERDICTS
from crawler.reading.verdicts.answer import Answer, Judge, Verdict, at_first_look


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
    return judges | {kind: judge for kind, judge in load_plugged(GROUP).items() if kind not in judges}
