"""From a group to a batch: its objects are written, its row is created, its chain is sent."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime

from django.conf import settings
from django.db import Error as DatabaseError

from catalog.clock import db_now
from catalog.models import Batch
from pipelines import archive
from pipelines.fetch.groups import Group
from pipelines.fetch.leases import Leases
from pipelines.fetch.loop import FetchLoop
from pipelines.frontier.batches import HandOver, hand_over

AGAIN_AFTER = 1.0  # seconds between tries

log = logging.getLogger(__name__)


class Delivery:
    """Hands a session's groups over, and counts them."""

    def __init__(self, loop: FetchLoop, leases: Leases, publish: Callable[[Batch], None]) -> None:
        """``publish`` sends a batch's chain and does not raise."""
        self._loop = loop
        self._leases = leases
        self._publish = publish
        self.delivered = 0

    async def deliver(self, group: Group) -> None:
        """Hand a group over, again and again until archive and database work or the leases have ended."""
        folder = archive.new_folder(datetime.now(UTC))
        while True:
            try:
                await self._loop.database(lambda: self._hand_over(folder, group))
                break
            except (DatabaseError, archive.ArchiveError, OSError):
                log.warning("cannot hand over %d pages", len(group.fetched), exc_info=True)
                if not self._leases.valid(time.monotonic()):
                    return
                await asyncio.sleep(AGAIN_AFTER)
        self.delivered += 1
        group.let_go()

    def _hand_over(self, folder: str, group: Group) -> None:
        segment = group.segment.bytes() if group.bodies else b""
        if segment:
            archive.write_object(folder, archive.SEGMENT, segment)
            archive.write_bodies(folder, group.bodies)
        archive.write_object(folder, archive.FETCHED, archive.dump(group.fetched))
        batch = hand_over(
            HandOver(
                folder=folder,
                rank=group.rank,
                segment_bytes=len(segment),
                visit_ids=[fetched.visit_id for fetched in group.fetched],
                due_in=settings.BATCH_DUE_SECONDS,
            ),
            db_now(),
        )
        if batch is not None:
            self._publish(batch)
