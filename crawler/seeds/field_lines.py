"""A field as people write it, in one line: ``title = h1::text``, ``author = //a[@rel='author']``.

What begins with ``/`` or ``(``, as no selector does, is XPath; any other rule that is not CSS says its kind
first: ``words = xpath: count(//p)``. ``tags[] = …`` has many values, ``name! = …`` is required. Steps and a
type follow, each after ``=>``: ``price = .price => replace 'from ' '' => money de``. A locale, or for dates a
time zone too (``date de Europe/Berlin``), stands behind the type. Words with spaces or quotes in them stand
in quotes, as in a shell.
"""

from __future__ import annotations

import re
import shlex

from crawler.collections import Field, Rule, Step
from crawler.reading.fields import kinds
from crawler.reading.types import TYPES

_CSS, _XPATH = "css", "xpath"
_THEN = " => "
_ENDINGS = re.compile(r"(?P<name>.*?)\s*(?P<marks>(?:\[\]|!)*)", re.DOTALL)


def field_of_line(line: str) -> Field:
    """The field, its rule not checked; ValueError with a sentence for people if it is none."""
    left, equals, written = (part.strip() for part in line.partition("="))
    endings = _ENDINGS.fullmatch(left)
    rule, *parts = written.split(_THEN)
    if not equals or endings is None or not endings["name"] or not rule.strip() or rule.startswith(">"):
        raise ValueError(f"{line!r} is not a field. Write 'name = selector', for example 'title = h1::text'.")
    steps, named = _steps_and_type(parts, line)
    return Field(
        name=endings["name"],
        rules=(_rule(rule.strip()),),
        many="[]" in endings["marks"],
        required="!" in endings["marks"],
        steps=steps,
        type=named.get("type", "text"),
        locale=named.get("locale", ""),
        zone=named.get("zone", ""),
    )


def line_of_field(field: Field) -> str:
    """The line that :func:`field_of_line` reads.

    Raises:
        ValueError: a line cannot say it: it has fallback rules or nested fields.
    """
    rule = field.rules[0]
    marks = ("[]" if field.many else "") + ("!" if field.required else "")
    chain = [shlex.join([step.kind, *step.arguments]) for step in field.steps]
    if field.type != "text" or field.locale or field.zone or (field.steps and field.steps[-1].kind in TYPES):
        chain.append(" ".join(word for word in (field.type, field.locale, field.zone) if word))
    for written in (rule.rule, f"{rule.kind}: {rule.rule}"):
        line = _THEN.join([f"{field.name}{marks} = {written}", *chain])
        try:
            if field_of_line(line) == field:
                return line
        except ValueError:
            continue
    raise ValueError(f"The field {field.name!r} says more than a line can. Write it as part of a collection.")


def _rule(written: str) -> Rule:
    if written.startswith(("/", "(")):
        return Rule(_XPATH, written)
    kind, colon, rule = written.partition(":")
    if colon and kind in kinds():
        return Rule(kind, rule.strip())
    return Rule(_CSS, written)


def _steps_and_type(parts: list[str], line: str) -> tuple[tuple[Step, ...], dict[str, str]]:
    """The steps, and the type with locale and zone, which is the last part if that begins with one."""
    try:
        chain = [shlex.split(part) for part in parts]
    except ValueError as error:
        raise ValueError(f"{line!r} is not a field: a quote in its steps has no end.") from error
    if not all(chain):
        raise ValueError(f"{line!r} is not a field: nothing stands after one of its '=>'.")
    values = {}
    if chain and chain[-1][0] in TYPES and len(chain[-1]) <= 3:
        words = chain.pop()
        values = {"type": words[0]}
        for word in words[1:]:
            values["zone" if "/" in word or word == "UTC" else "locale"] = word
    return tuple(Step(kind, tuple(arguments)) for kind, *arguments in chain), values
