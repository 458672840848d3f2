"""Switching a block on and off, with the one who did it in the seed's history."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from catalog.models import NoiseBlock, Seed
from djsite.desk import audit
from djsite.desk.audit import AnyUser

State = NoiseBlock.State


@transaction.atomic
def switch(seed: Seed, block_id: int, *, leave_out: bool, now: datetime, user: AnyUser) -> NoiseBlock | None:
    """Leave a block out, or let it count, from the next look at a page on; None if the seed has none such."""
    Seed.objects.select_for_update(no_key=True).get(pk=seed.pk)  # as learning does
    block = NoiseBlock.objects.filter(seed=seed, pk=block_id).first()
    if block is None:
        return None
    state = State.LEFT_OUT if leave_out else State.COUNTS
    if block.state != state:
        block.state, block.learned_at = state, now if leave_out else None
        block.save(update_fields=["state", "learned_at", "updated_at"])
        audit.note(user, [seed], note_of(block))
    return block


def note_of(block: NoiseBlock) -> str:
    """What the history says of the last switch of a block."""
    where = f"“{block.selector}” of pages like {block.example_url}"
    return f"Left out as noise: {where}" if block.state == State.LEFT_OUT else f"Counts as content: {where}"
