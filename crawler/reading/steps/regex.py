"""The step for regular expressions, by RE2: they take a time that grows with the text and no faster."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from crawler.reading.steps.apply import MAX_TEXT, Apply, too_long
from crawler.rules.patterns import compile_expression

MAX_WORK = 50_000_000  # bytes looked at by all searches of a replacement, at most; some 0.1 s
_REFERENCE = re.compile(r"\\(.?)", re.DOTALL)


def regex(expression: str, replacement: str | None = None) -> Apply:
    r"""The first match (its first group, if it has one), nothing if there is none.

    With a replacement the whole text, each match replaced; ``\1`` in it is the first group, ``\0`` all.
    """
    if not expression:
        raise ValueError("The step 'regex' has no expression.")
    program = compile_expression(expression)
    if replacement is None:
        return lambda texts, base: [match for text in texts for match in _first(program, text)]
    expand = _expander(replacement, program.groups)
    return lambda texts, base: [_replaced(program, text, expand) for text in texts]


def _first(program: Any, text: str) -> Iterator[str]:
    match = program.search(text.encode())
    group = match and match.group(1 if program.groups else 0)
    if group is not None:
        yield group.decode(errors="ignore")


def _replaced(program: Any, text: str, expand: Callable[[Any], bytes]) -> str:
    """All matches from left to right, none inside another.

    Each search begins where the last match ended and may look at all that follows: hence a bound on the work.
    """
    data = text.encode()
    pieces: list[bytes] = []
    end, start, work, size = 0, 0, 0, len(data)
    while start <= len(data) and (match := program.search(data, start)):
        begin, after = match.span()
        new = expand(match)
        pieces += data[end:begin], new
        work += len(data) - start
        size += len(new) - (after - begin)
        if work > MAX_WORK:
            raise ValueError("The text has too many matches to replace. Make the text shorter first.")
        if size > 4 * MAX_TEXT:
            raise too_long()
        end, start = after, after if after > begin else _next_character(data, after)
    return b"".join((*pieces, data[end:])).decode(errors="ignore")


def _next_character(data: bytes, position: int) -> int:
    """Where the character after this one begins, in UTF-8 (RFC 3629 section 3)."""
    position += 1
    while position < len(data) and data[position] & 0xC0 == 0x80:
        position += 1
    return position


def _expander(replacement: str, groups: int) -> Callable[[Any], bytes]:
    r"""What a match is replaced by; ValueError if the replacement names a group that is not there."""
    for reference in _REFERENCE.finditer(replacement):
        sign = reference[1]
        if sign != "\\" and not (sign in "0123456789" and sign and int(sign) <= groups):
            raise ValueError(
                f"The replacement {replacement!r} names a group that the expression lacks: \\{sign}."
            )

    def expand(match: Any) -> bytes:
        def referred(reference: re.Match[str]) -> str:
            sign = reference[1]
            return sign if sign == "\\" else (match.group(int(sign)) or b"").decode(errors="ignore")

        return _REFERENCE.sub(referred, replacement).encode()

    return expand
