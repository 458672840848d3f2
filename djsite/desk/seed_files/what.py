"""What an import does with a seed or a group, and with each setting."""

from __future__ import annotations

import enum
from typing import Any, NamedTuple


class What(enum.StrEnum):
    """What an import does with one."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    DELETED = "deleted"


class Difference(NamedTuple):
    """A setting that an import changes, before and after."""

    setting: str
    before: Any
    after: Any
