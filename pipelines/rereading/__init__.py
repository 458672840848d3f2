"""Reading stored versions again by a seed's newest rules: in parts, then compared, then promoted or dropped.

No record changes before the promotion. Each step is made in slices under a lease, so it goes on where a
worker that died has left it.
"""

from pipelines.rereading.asking import NoRereading, ask, drop, promote
from pipelines.rereading.difference import Difference, OfCollection, Sample
from pipelines.rereading.parts import read_part
from pipelines.rereading.progress import (
    Progress,
    is_comparing,
    progress_of,
    rereadings_to_do,
    rereadings_to_read,
    unread_of,
)
from pipelines.rereading.steps import go_on

__all__ = [
    "Difference",
    "NoRereading",
    "OfCollection",
    "Progress",
    "Sample",
    "ask",
    "drop",
    "go_on",
    "is_comparing",
    "progress_of",
    "promote",
    "read_part",
    "rereadings_to_do",
    "rereadings_to_read",
    "unread_of",
]
