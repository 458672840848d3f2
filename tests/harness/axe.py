"""axe-core in a page of a browser: what people with a screen reader, a keyboard or weak eyes cannot use."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

GRAVE = ("serious", "critical")
# a colour that is on its way to another is not looked at
_RUN = """rules => {
    const ends = each => each.effect.getComputedTiming().endTime < Infinity;
    document.getAnimations().filter(ends).forEach(each => each.finish());
    return axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    rules, resultTypes: ["violations"]}).then(found => found.violations.map(each => [each.impact,
    each.id, each.nodes.map(node => `${node.html.slice(0, 160)} | ${node.failureSummary.slice(0, 200)}`)]));
}"""


def grave_violations(page: Page, without: tuple[str, ...] = ()) -> list[tuple[str, list[str]]]:
    """The rules that a page breaks seriously or critically, with the elements; some rules left out."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    violations = page.evaluate(_RUN, {rule: {"enabled": False} for rule in without})
    return [(rule, nodes[:3]) for impact, rule, nodes in violations if impact in GRAVE]


@cache
def _source() -> str:
    """The script: the package is used for nothing else, as it drives Selenium."""
    package = importlib.util.find_spec("axe_core_python")
    assert package is not None and package.origin is not None
    return (Path(package.origin).parent / "axe.min.js").read_text()
