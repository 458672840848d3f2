"""Answers and ordinary pages as they look in the wild, written before their writer had read a judge's rules.

What stands here was first judged by rules that had never seen it; docs/verdicts.md says how well.
"""

from __future__ import annotations

from tests.quality.answers import LabelledAnswer
from tests.quality.held_out import guards, sites
from tests.quality.held_out.pages import held_pages

ASKED = "https://brightside.example/things/blue-lamp"


def held_answers() -> list[LabelledAnswer]:
    return [
        LabelledAnswer(kind, source, ASKED, status, final_url)
        for kind, replies in (
            ("block_page", guards.blocks()),
            ("login_page", guards.logins()),
            ("soft_404", sites.soft_404s()),
            ("empty_shell", sites.shells()),
            ("parked_domain", sites.parked()),
        )
        for source, status, final_url in replies
    ]


__all__ = ["held_answers", "held_pages"]
