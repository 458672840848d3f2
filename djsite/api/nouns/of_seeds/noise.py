"""Noise: the parts of a seed's pages that are left out since they change by themselves."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Router
from ninja.schema import Schema
from pydantic import Field

from djsite.api.callers import may_change_seeds, may_look, user_of
from djsite.api.paging import Id
from djsite.api.rows import alive_seed
from djsite.desk.noise.showing import ShownBlock, pages_alike
from djsite.desk.noise.switching import switch

router = Router()


class BlockShape(Schema):
    """A part of pages of one kind."""

    id: int
    selector: str
    example_url: str
    left_out: bool
    evidence: str = Field(description="How often it changed, in words.")
    reasons: list[str]
    by: str = Field(description="Who switched it last; empty: it was learned.")


class Noise(Schema):
    """What is left out of the pages of a seed."""

    lines: list[str] = Field(description="By the seed itself; PATCH the seed to change them.")
    blocks: list[BlockShape]


class Switched(Schema, extra="forbid"):
    """What a block is from the next look on."""

    leave_out: bool


@router.get("/{int:pk}/noise", response=Noise, auth=may_look, operation_id="get_noise")
def noise(request: HttpRequest, pk: Id) -> Noise:
    """What is left out, and what is watched, with the evidence."""
    seed = alive_seed(pk)
    kinds = pages_alike(seed)
    blocks = [_shape(block) for kind in kinds for block in (*kind.decided, *kind.watched)]
    return Noise(lines=seed.noise.splitlines(), blocks=blocks)


@router.post("/{int:pk}/noise/{int:number}", response=Noise, auth=may_change_seeds, operation_id="set_noise")
def set_noise(request: HttpRequest, pk: Id, number: Id, wanted: Switched) -> Noise:
    """Leave a block out, or let it count, whatever was learned."""
    seed, now = alive_seed(pk), timezone.now()
    if switch(seed, number, leave_out=wanted.leave_out, now=now, user=user_of(request)) is None:
        raise Http404
    return noise(request, pk)


def _shape(shown: ShownBlock) -> BlockShape:
    return BlockShape(
        id=shown.block.pk,
        selector=shown.block.selector,
        example_url=shown.block.example_url,
        left_out=shown.is_left_out,
        evidence=shown.evidence,
        reasons=shown.reasons,
        by=shown.by,
    )
