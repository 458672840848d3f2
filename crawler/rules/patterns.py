"""Patterns for URLs, as people write them, matched by RE2: in time that grows with the URL and no faster.

A pattern stands for the whole URL as found: ``*`` is anything, ``?`` one character, upper and lower case
differ. With ``re:`` in front it is a regular expression that is searched for anywhere in the URL.

Python's own ``re`` goes back and tries again: for ``(a+)+$`` each further ``a`` doubles its time, so that a
server could hold up whatever looks at its URLs. RE2 (its syntax: google/re2/wiki/Syntax) cannot do
that, and therefore cannot look ahead or back or refer to groups. Where both take an expression they agree on
every URL. What ``re`` spells otherwise is translated (:func:`_translated`), the rest is refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import re2

MAX_PATTERN = 500  # characters
MAX_PATTERNS = 1000  # of a list
MAX_SIZE = 10_000  # instructions of RE2's program for a list; a pattern like */shop/* takes some 20
_MEMORY = 8 << 20  # bytes that RE2 may take for a list; when it needs more it matches slower, not wrongly

_TOKEN = re.compile(
    r"""(?P<set>\[\^?\]?(?:\\.|[^\\\]])*+\])"""
    r"""|(?P<unicode>\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8})"""
    r"""|(?P<end>\\Z)|(?P<reference>\\[1-9]|\(\?P=)|\\."""
    r"""|(?P<kept>\{[0-9,]+\}\+)|(?P<often>\{(?:[0-9]*,)?[0-9]{5})|(?P<upto>\{,(?=[0-9]+\}))""",
    re.DOTALL,
)
_UNICODE = re.compile(r"(\\\\)|\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})")
_NAMED_SET = re.compile(r"\[:\^?\w+:\]")

_LOOKS_AROUND = "it looks ahead or back. Write what must match here, and what must not as an excluded pattern"
_POSSESSIVE = "it keeps what it has matched. Write (?:…) for (?>…) and + for ++: that is as fast here"
_REFERENCE = "it refers to a group. Write the alternatives out"
_TOO_OFTEN = "it repeats more than 1000 times. Write + or * for a part that may be so long"
_TOO_LARGE = "it is too large. Make what it repeats shorter, or repeat it less often"
_REFUSED = {"reference": _REFERENCE, "kept": _POSSESSIVE, "often": _TOO_OFTEN}  # by the group of _TOKEN
_REASONS = {  # by what RE2's message begins with
    **dict.fromkeys(("(?=", "(?!", "(?<", "(?<=", "(?<!"), _LOOKS_AROUND),
    "(?>": _POSSESSIVE,
    "(?(": _REFERENCE,
    "(?#": "it holds a comment. Leave that out",
    **dict.fromkeys([f"bad repetition operator: {sign}+" for sign in "+*?"], _POSSESSIVE),
    "invalid repetition size": _TOO_OFTEN,
    "pattern too large": _TOO_LARGE,
}


class BadPattern(ValueError):
    """A pattern, or a list of them, that cannot be used; a sentence for people says why."""


class Patterns:
    """Some patterns, at least one. Raises BadPattern if one is no pattern, or if they are too many."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._search = _compiled(tuple(patterns))

    def match(self, url: str) -> bool:
        """Whether one of them matches a resolved URL."""
        return self._search(url.encode()) is not None


def matching(patterns: Sequence[str], url: str) -> str | None:
    """The first of some usable patterns that matches a resolved URL; None if none does."""
    return next((pattern for pattern in patterns if Patterns([pattern]).match(url)), None)


def check_pattern(pattern: str) -> str:
    """The pattern; BadPattern, with a sentence for people, if it is broken or can never match."""
    if not pattern.strip():
        raise BadPattern("The pattern is empty.")
    if len(pattern) > MAX_PATTERN:
        raise BadPattern(f"The pattern is longer than {MAX_PATTERN} characters.")
    if not pattern.startswith(("re:", "*", "?", "http")):
        raise BadPattern(
            f"“{pattern}” can never match: a pattern stands for a whole URL. Begin it with http or with *."
        )
    Patterns([pattern])
    return pattern


def compile_expression(expression: str) -> Any:
    """A regular expression with its groups, for the UTF-8 bytes of any text; BadPattern as for a pattern."""
    if len(expression) > MAX_PATTERN:
        raise BadPattern(f"The regular expression is longer than {MAX_PATTERN} characters.")
    return _compile(expression, _translated(expression, expression), groups=True)


@lru_cache(maxsize=128)
def _compiled(patterns: tuple[str, ...]) -> Any:
    """The search for any of some patterns: all are one expression, which takes as long as one of them."""
    if len(patterns) > MAX_PATTERNS:
        raise _too_many(patterns)
    compiled = [_compile(pattern, _expression(pattern)) for pattern in patterns]
    if len(compiled) == 1:
        return compiled[0].search
    if sum(program.programsize for program in compiled) > MAX_SIZE:
        raise _too_many(patterns)
    joined = "|".join(f"(?:{_expression(pattern)})" for pattern in patterns)
    return _compile("the patterns together", joined).search


def _compile(pattern: str, expression: str, *, groups: bool = False) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.never_capture = not groups
    options.max_mem = _MEMORY
    try:
        program = re2.compile(expression, options)
    except UnicodeEncodeError as error:
        raise _bad(pattern, "it holds half a character") from error
    except re2.error as error:
        raise _bad(pattern, _reason(error.args[0].decode(errors="replace"))) from error
    if program.programsize > MAX_SIZE:
        raise _bad(pattern, _TOO_LARGE)
    return program


def _too_many(patterns: tuple[str, ...]) -> BadPattern:
    return BadPattern(
        f"{len(patterns):,} patterns of this length are too many. Join some of them: */shop/* stands for all "
        "that begin so."
    )


def _bad(pattern: str, reason: str) -> BadPattern:
    return BadPattern(f"“{pattern}” cannot be used: {reason}.")


def _reason(message: str) -> str:
    """Why RE2 refuses an expression, and what to write instead."""
    operator = message.removeprefix("invalid perl operator: ")
    known = (_REASONS[beginning] for beginning in _REASONS if operator.startswith(beginning))
    return next(known, f"it is not a regular expression ({message})")


def _expression(pattern: str) -> str:
    """A pattern as RE2 takes it."""
    if pattern.startswith("re:"):
        return _translated(pattern, pattern.removeprefix("re:"))
    parts = [".*" if char == "*" else "." if char == "?" else re2.escape(char) for char in pattern]
    return f"(?s:\\A{''.join(parts)}\\z)"


def _translated(pattern: str, expression: str) -> str:
    r"""The expression of a pattern as ``re`` takes it, respelled for RE2: ``\Z``, ``\u00e9``, ``{,3}``.

    Refused is what RE2 takes for something else: ``\12`` (a group of ``re``), ``a{2}+`` (keeps what it has
    matched), ``a{99999}`` (text for RE2), ``[[:alpha:]]`` (a set of signs and letters).
    """

    def respelled(token: re.Match[str]) -> str:
        if token.lastgroup in _REFUSED:
            raise _bad(pattern, _REFUSED[token.lastgroup])
        if token["set"]:
            if _NAMED_SET.search(token[0]):
                raise _bad(pattern, "it names a set such as [:alpha:]. Write its characters, such as A-Za-z")
            return _UNICODE.sub(_by_number, token[0])
        if token["unicode"]:
            return _by_number(token)
        if token["end"]:
            return r"\z"
        return "{0," if token["upto"] else token[0]

    return _TOKEN.sub(respelled, expression)


def _by_number(escape: re.Match[str]) -> str:
    r"""``\x{e9}`` for ``\u00e9``; two backslashes are one that is meant."""
    return escape[0] if escape[0] == r"\\" else f"\\x{{{escape[0][2:]}}}"
