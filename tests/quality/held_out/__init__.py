"""Answers and ordinary pages as they look in the wild, first judged by rules that had never seen them.

:mod:`tests.quality.held_out.later` was written after the judges had been mended by the others. The judges
were mended by both since; docs/verdicts.md says how well each set was judged at first.
"""

from __future__ import annotations

from tests.quality.answers import LabelledAnswer
from tests.quality.held_out import guards, sites
from tests.quality.held_out.later import later_answers, later_pages
from tests.quality.held_out.pages import held_pages

ASKED = "https://brightside.example/things/blue-lamp"


def held_answers() -> list[LabelledAnswer]:
    return later_answers() + [
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


def held_ordinary_pages() -> list[LabelledAnswer]:
    return held_pages() + later_pages()
