"""What people ask for: to have stored pages read again, and what becomes of the result."""

from __future__ import annotations

from datetime import datetime

from catalog.models import Rereading, Seed
from djsite.desk import audit
from djsite.desk.audit import AnyUser
from djsite.desk.rereadings.words import what_of
from pipelines import rereading as pipeline
from pipelines.rereading import NoRereading
from scheduler import dispatch

State = Rereading.State


def ask(
    seed: Seed,
    now: datetime,
    *,
    since: datetime | None = None,
    collection: str = "",
    user: AnyUser | None = None,
) -> Rereading:
    """Have stored versions read by the seed's rules of now. Raises :class:`NoRereading`.

    ``user`` is None on the command line, whose user owns the machine.
    """
    if not seed.pages.exists():
        raise NoRereading(f"“{seed.name}” has no stored pages yet: run it first.")
    before = seed.rereadings.filter(finished_at=None).first()
    if before is not None and before.state in (State.PROMOTING, State.PROMOTED, State.DROPPED):
        raise NoRereading("The last result is still being put in its place, or away. Ask again in a moment.")
    user_id = None if user is None else user.pk
    rereading = pipeline.ask(seed, now, since=since, collection=collection, user_id=user_id)
    if rereading != before:
        audit.note(user, [seed], f"Stored pages are read again: {what_of(rereading)}")
    dispatch.go_on_rereading(rereading.pk)
    return rereading


def promote(rereading: Rereading, user: AnyUser | None = None) -> None:
    """Have the result used, as a whole. Raises :class:`NoRereading`."""
    before = rereading.state
    pipeline.promote(rereading)
    if rereading.state != before:
        audit.note(user, [rereading.seed], f"The values that were read again are used: {what_of(rereading)}")
    dispatch.go_on_rereading(rereading.pk)


def drop(rereading: Rereading, user: AnyUser | None = None) -> None:
    """Have what was read deleted; the records stay as they are. Raises :class:`NoRereading`."""
    before = rereading.state
    pipeline.drop(rereading)
    if rereading.state != before:
        audit.note(user, [rereading.seed], f"What was read again is dropped: {what_of(rereading)}")
    dispatch.go_on_rereading(rereading.pk)


def latest(seed: Seed) -> Rereading | None:
    """The last that was asked for."""
    return seed.rereadings.select_related("seed", "rule_set").first()
