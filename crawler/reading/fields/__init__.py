"""Kinds of rules, each a module of this folder or of somebody's own package; and rules, compiled."""

from __future__ import annotations

from typing import TypeGuard, cast

from crawler.collections import Rule
from crawler.plugs import GROUPS, load, plugged
from crawler.reading.fields.kind import FieldKind, ItemReader, RuleReader

GROUP = "crawlbeat.field_kinds"
KINDS = {
    name: f"crawler.reading.fields.{name}"
    for name in (
        *("css", "xpath", "jsonld", "microdata", "og", "meta", "json", "column", "rows"),
        *("url", "header", "constant", "main_text"),
    )
}
"""The module of every kind of rule, by its key in plain form. Loaded at first use, so that a process that
only reads seeds does not load it. Packages add kinds as entry points of the group :data:`GROUP`."""

MAX_RULE = 2000  # characters: an engine may take a time that grows with their square


def kinds() -> dict[str, str]:
    """All kinds by name, with their modules: ours, which win, and those that packages add."""
    return {**plugged(GROUP), **KINDS}


def kind_of(rule: Rule) -> FieldKind:
    """The kind of a rule; ValueError, with a sentence for people, if it or the rule cannot be used."""
    known = KINDS if rule.kind in KINDS else kinds()
    if rule.kind not in known:
        raise ValueError(f"{rule.kind[:60]!r} is not a kind of field. The kinds are: {', '.join(known)}.")
    if len(rule.rule) > MAX_RULE:
        raise ValueError(f"The rule is longer than {MAX_RULE} characters.")
    return cast(FieldKind, load(known[rule.kind], GROUPS[GROUP]))


def check_rule(rule: Rule) -> None:
    """ValueError with a sentence for people if a rule cannot be used."""
    kind_of(rule).check(rule.rule)


def compile_rule(rule: Rule) -> RuleReader:
    """The reader of a rule; ValueError as in :func:`check_rule`."""
    return kind_of(rule).compile(rule.rule)


def compile_items(rule: Rule) -> ItemReader:
    """The reader of a rule for items; ValueError, with a sentence for people, if it gives none."""
    reader = compile_rule(rule)
    if not _holds_items(reader):
        raise ValueError(
            f"The rule {rule.rule[:60]!r} of the kind {rule.kind!r} gives values and no items. Write one for "
            "what holds the values, such as 'css': 'li.product'."
        )
    return reader


def _holds_items(reader: RuleReader) -> TypeGuard[ItemReader]:
    return hasattr(reader, "items")
