"""Reading stored versions again: asked for, looked at, and used or dropped."""

from __future__ import annotations

from datetime import datetime

from catalog.models import Rereading, Seed
from pipelines import rereading as pipeline
from pipelines.rereading import NoRereading, Progress, progress_of
from scheduler import dispatch

__all__ = ["NoRereading", "Progress", "ask", "drop", "latest", "progress_of", "promote"]


def ask(
    seed: Seed,
    now: datetime,
    *,
    since: datetime | None = None,
    collection: str = "",
    user_id: int | None = None,
) -> Rereading:
    """Have stored versions read by the seed's rules of now. Raises :class:`NoRereading`."""
    rereading = pipeline.ask(seed, now, since=since, collection=collection, user_id=user_id)
    dispatch.go_on_rereading(rereading.pk)
    return rereading


def promote(rereading: Rereading) -> None:
    """Have the result used, as a whole. Raises :class:`NoRereading`."""
    pipeline.promote(rereading)
    dispatch.go_on_rereading(rereading.pk)


def drop(rereading: Rereading) -> None:
    """Have what was read deleted; the records stay as they are. Raises :class:`NoRereading`."""
    pipeline.drop(rereading)
    dispatch.go_on_rereading(rereading.pk)


def latest(seed: Seed) -> Rereading | None:
    """The last that was asked for."""
    return seed.rereadings.select_related("seed", "rule_set").first()
