"""Verdicts: what an answer is that is no page though it looks like one, with the evidence for it.

One module a verdict, each with the function of :class:`crawler.reading.verdicts.answer.Judge`. Packages of
other people add theirs by an entry point of the group ``crawlbeat.verdicts``: its name is the verdict's word,
its target such a module. All are strict: what is doubtful is a page.

:mod:`crawler.reading.verdicts.judging` asks them. What reads seeds loads their words alone.
"""

from __future__ import annotations

from crawler.plugs import plugged

VERDICTS = {
    "block_page": "crawler.reading.verdicts.block_page",
    "parked_domain": "crawler.reading.verdicts.parked_domain",
    "empty_shell": "crawler.reading.verdicts.empty_shell",
    "login_page": "crawler.reading.verdicts.login_page",
    "soft_404": "crawler.reading.verdicts.soft_404",
}
"""The module of every verdict of ours, in the order in which they are asked."""

GROUP = "crawlbeat.verdicts"


def kinds() -> list[str]:
    """The words of all verdicts, those of other people's packages included."""
    return list(dict.fromkeys([*VERDICTS, *plugged(GROUP)]))
