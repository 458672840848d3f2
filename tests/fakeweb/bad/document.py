"""``docs/bad-server.md``, made from the cases: ``python -m tests.fakeweb.bad.document`` writes it."""

from __future__ import annotations

from pathlib import Path

from tests.fakeweb.bad import CASES, GROUPS
from tests.fakeweb.bad.case import Case, Group

FILE = Path(__file__).parents[3] / "docs" / "bad-server.md"

_HEAD = f"""# The bad server

What a server of the tests does, and what must come of a visit to it. Each of the {len(CASES)} cases goes
through fetching, reading and storing in `tests/integration/test_bad_server.py`, time and memory watched; the
fetcher alone meets them in `tests/integration/test_fetch.py`. The words are those of [outcomes](outcomes.md).

This page is made from `tests/fakeweb/bad` by `python -m tests.fakeweb.bad.document`; a test compares the two.
"""


def document() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *map(_section, GROUPS)])


def _section(group: Group) -> str:
    rows = [
        "| name | what the server does | outcome | reason |",
        "|---|---|---|---|",
        *map(_row, group.cases),
    ]
    return f"## {group.heading}\n\n" + "\n".join(rows) + "\n"


def _row(case: Case) -> str:
    reason = f"`{case.reason}`" if case.reason else ""
    return f"| `{case.name}` | {case.does} | `{case.outcome}` | {reason} |"


if __name__ == "__main__":
    FILE.write_text(document(), encoding="utf-8")
