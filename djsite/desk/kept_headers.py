"""Secret headers in the seed form: shown by name only, and kept until somebody writes a new value."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from catalog.models import Seed
from catalog.sealing import MARK, SealingError, seal_lines
from crawler.seeds.files.settings import KEPT
from crawler.seeds.spec import lines


def shown(seed: Seed) -> str:
    """What the box of the form says of a seed's headers: a line for each, without its value."""
    return "\n".join(f"{name}: {KEPT}" for name in seed.header_names())


def read(box: str, seed: Seed) -> str:
    """The headers that the box asks for: new values as written, kept ones as they are sealed on the row.

    Where one name comes more than once, the first kept line is the first of that name, and so on.

    Raises:
        ValidationError: a line keeps a value that there is not, or new values cannot be sealed.
    """
    sealed: dict[str, list[str]] = {}
    for line in lines(seed.headers):
        sealed.setdefault(_name(line), []).append(line)
    read_lines = [_line(line, sealed) for line in lines(box)]
    try:
        seal_lines("\n".join(read_lines))
    except SealingError as error:
        raise ValidationError(str(error)) from error
    return "\n".join(read_lines)


def _line(line: str, sealed: dict[str, list[str]]) -> str:
    value = line.partition(":")[2].strip()
    if value.startswith(MARK):
        raise ValidationError(f"A value cannot begin with {MARK!r}. Write the value itself.")
    if value != KEPT:
        return line
    before = sealed.get(_name(line))
    if not before:
        raise ValidationError(f"There is no value of {line.partition(':')[0].strip()!r} to keep. Write one.")
    return before.pop(0)


def _name(line: str) -> str:
    return line.partition(":")[0].strip().lower()
