"""A shortcut: the bodies of a batch as fetch had them, so that parse need not unpack the segment.

They lie beside the segment in a file that is not synced to the disk and is deleted once the batch is parsed.
Its name has the boot of the machine: after a power cut, and on another machine, the file does not count.
Whoever does not find it reads the segment.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from catalog.storage import WholeFileStorage
from pipelines.archive.objects import storage

_BOOT = Path("/proc/sys/kernel/random/boot_id")  # only Linux says it; elsewhere there is no shortcut

log = logging.getLogger(__name__)


def write_bodies(folder: str, bodies: Sequence[bytes]) -> None:
    """Write the bodies one after the other; if that cannot be done, there is no shortcut."""
    place, name = storage(), _name()
    if name and isinstance(place, WholeFileStorage):
        try:
            place.save_unsynced(f"{folder}/{name}", [b"".join(bodies)])
        except OSError as error:
            log.warning("parse will unpack %s: %s", folder, error)


def read_bodies(folder: str) -> bytes | None:
    """The bodies, one after the other; None where there is no shortcut."""
    place, name = storage(), _name()
    if not name or not isinstance(place, WholeFileStorage):
        return None
    try:
        return Path(place.path(f"{folder}/{name}")).read_bytes()
    except OSError:
        return None


def delete_bodies(folder: str) -> None:
    """Delete the file; no error if it is gone already."""
    place, name = storage(), _name()
    if name and isinstance(place, WholeFileStorage):
        Path(place.path(f"{folder}/{name}")).unlink(missing_ok=True)


@cache
def _name() -> str:
    """The name of the file during this boot; empty where no boot can be told from another."""
    try:
        return f"bodies-{_BOOT.read_text().strip()}"
    except OSError:
        return ""
