"""A field as people write it, in one line: ``title = h1::text``, ``author = //a[@rel='author']``.

What begins with ``/`` or ``(``, as no selector does, is XPath; any other rule that is not CSS says its kind
first: ``words = xpath: count(//p)``.
"""

from __future__ import annotations

from crawler.collections import Field, Rule
from crawler.reading.fields import kinds

_CSS, _XPATH = "css", "xpath"


def field_of_line(line: str) -> Field:
    """The field, its rule not checked; ValueError with a sentence for people if it is none."""
    name, equals, written = (part.strip() for part in line.partition("="))
    if not equals or not name or not written:
        raise ValueError(f"{line!r} is not a field. Write 'name = selector', for example 'title = h1::text'.")
    if written.startswith(("/", "(")):
        return _field(name, _XPATH, written)
    kind, colon, rule = written.partition(":")
    if colon and kind in kinds():
        return _field(name, kind, rule.strip())
    return _field(name, _CSS, written)


def line_of_field(field: Field) -> str:
    """The line that :func:`field_of_line` reads."""
    (rule,) = field.rules
    line = f"{field.name} = {rule.rule}"
    return line if field_of_line(line) == field else f"{field.name} = {rule.kind}: {rule.rule}"


def _field(name: str, kind: str, rule: str) -> Field:
    return Field(name=name, rules=(Rule(kind, rule),))
