"""What every kind of place has, and what it gets to send. It answers as channels do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, Protocol

from pipelines.export.columns import Column
from pipelines.export.slices import Row
from pipelines.telling.kinds.kind import NETWORKS, Answer, Problems, Setting

FILE, ROWS = "file", "rows"  # what a place takes


@dataclass(frozen=True)
class Spot:
    """Where a place is, by the settings of an outlet."""

    options: Mapping[str, Any]
    secret: Mapping[str, str] = field(repr=False)

    @property
    def networks(self) -> Sequence[str]:
        """What the address guard lets through for this outlet."""
        return tuple(self.options.get(NETWORKS, ()))


@dataclass(frozen=True)
class Lot:
    """One attempt to send a shipment. Each attempt at the same shipment sends the same."""

    spot: Spot
    outlet: str  # its name
    uid: str  # of the outlet, in no other installation the same
    number: int
    whole: bool  # it is all there is: what the receiver has beside it is gone
    manifest: Mapping[str, Any]  # with ``rows``, ``since`` and ``until``
    columns: Sequence[Column]
    at: datetime
    file_name: str  # with its ending; empty for rows
    mine: Callable[[str], int | None]  # the shipment's number in the name of a file that this outlet wrote
    keep: int | None  # files that stay; None: all
    opened: Callable[[], AbstractContextManager[BinaryIO]]  # its file
    parts: Callable[[], Iterator[list[Row]]]  # its rows
    kept: Callable[[], None]
    """Call it at least every 20 seconds, and before what makes the data visible: holds the lease.

    Raises :class:`pipelines.work_leases.LeaseLost`: then stop, another worker sends this."""

    @property
    def id(self) -> str:
        """By it a receiver knows doubles.

        A number is given again to something else when our database is restored from a backup.
        """
        return f"{self.uid}/{self.number}/{self.manifest['sha256'][:12]}"


class Place(Protocol):
    """The module of a kind of place."""

    LABEL: str
    TAKES: str  # FILE or ROWS
    SETTINGS: Sequence[Setting]

    def check(self, options: Mapping[str, Any], secret: Mapping[str, str]) -> Problems:
        """What is wrong with the settings of an outlet. Opens no connection."""

    def send(self, lot: Lot) -> Answer:
        """Make one attempt; no connection is silent for longer than 20 seconds.

        Raises only what ``lot`` raises: :class:`LeaseLost` and :class:`pipelines.archive.ArchiveError`.
        """

    def probe(self, spot: Spot) -> Answer:
        """See whether data can be written there, and leave nothing behind."""
