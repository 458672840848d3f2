"""The kind ``og``: what OpenGraph says of a page; ``title`` is short for ``og:title``."""

from __future__ import annotations

from crawler.reading.fields.meta import MetaReader


def check(rule: str) -> None:
    """ValueError with a sentence for people if a name cannot be used."""
    if not rule.strip():
        raise ValueError("Write a name of OpenGraph, such as 'title' or 'product:price:amount'.")


def compile(rule: str) -> MetaReader:
    """The reader of what has this name, with the prefix or without; ValueError as in :func:`check`."""
    check(rule)
    name = rule.strip()
    return MetaReader(name) if name.startswith("og:") else MetaReader(f"og:{name}", name)
