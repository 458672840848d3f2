"""Whether the index of words keeps up with what is stored."""

from __future__ import annotations

from datetime import timedelta

from pipelines.search.progress import waiting_since
from scheduler.checks.findings import CheckOptions, Finding, Findings

FAR = timedelta(hours=1)  # it waits while pages wait to be parsed or stored, so some minutes are nothing


def keeps_up(options: CheckOptions) -> Findings:
    """Changes that are not in the index after an hour. Costs two small reads."""
    since = waiting_since()
    if since is not None and since < options.now - FAR:
        yield Finding(
            "search-behind",
            f"The index of search is far behind: what changed since {since:%Y-%m-%d %H:%M} UTC is not in it.",
            "It goes on while no page waits to be parsed or stored. If some always wait, add workers for "
            "'parse' and 'store'; if nothing runs, look at the worker that takes from 'control'.",
            options.late_level,
        )
