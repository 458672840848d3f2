"""Code that other packages plug in: whether it can be used, and is."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from crawler.plugs import GROUPS, load, plugged
from crawler.reading import fields, steps, types, verdicts
from pipelines.telling import kinds
from scheduler.checks.findings import CheckOptions, Finding, Findings, Level

OURS: Mapping[str, Collection[str]] = {
    kinds.GROUP: kinds.KINDS,
    fields.GROUP: fields.KINDS,
    steps.GROUP: steps.STEPS,
    types.GROUP: types.TYPES,
    verdicts.GROUP: verdicts.VERDICTS,
}


def check(options: CheckOptions) -> Findings:
    """Entry points that cannot be loaded or have names of ours. Extractors are for parsers alone to load."""
    for group, functions in GROUPS.items():
        for name, reference in plugged(group).items():
            if name in OURS.get(group, ()):
                yield Finding(
                    "plugged-name",
                    f"The entry point {name!r} of {group} is not used: Crawlbeat has one of that name.",
                    "Give it another name in its package.",
                    Level.NOTE,
                )
                continue
            try:
                load(reference, functions)
            except ValueError as error:
                yield Finding(
                    "plugged-broken",
                    f"The entry point {name!r} of {group} cannot be used: {error}",
                    "Mend or remove its package; pages and rules that need it fail, all others go on.",
                )
