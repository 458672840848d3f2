"""Learning noise from a run that has ended: of bodies from the archive, what they say is kept in rows."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from catalog.models import NoiseBlock, Run, Seed
from crawler.policy import ChangeMeans, CrawlPolicy
from crawler.reading.content.evidence import Evidence, Moment, Signs
from crawler.reading.content.learning import Known, LookedAt, is_noise, learn
from pipelines.archive import ArchiveError
from pipelines.killable import ChildKilled
from pipelines.noise.child import looks_in_child
from pipelines.noise.order import Body, Order, Pair
from pipelines.noise.pairs import StoredPair, has_pairs, pairs_of
from pipelines.parse.stored import StoredBodies

log = logging.getLogger(__name__)
State = NoiseBlock.State


def may_learn(run_id: int) -> bool:
    """Whether a run that has finished stored what could be compared, and its seed learns."""
    run = Run.objects.filter(pk=run_id, state=Run.State.FINISHED).first()
    return run is not None and _learns(run.policy) and has_pairs(run_id)


def learn_noise(run_id: int, now: datetime) -> int:
    """Compare new versions of a run with those before; how many blocks are left out from now on.

    A run that was learned from already, or whose rows are gone, says nothing more.
    """
    if not may_learn(run_id):
        return 0
    run = Run.objects.get(pk=run_id)
    learned = 0
    for template, pairs in pairs_of(run, _known_pages(run.seed_id)).items():
        known = [row.selector for row in _rows(run.seed_id, template)]
        seen = _looked_at(run, pairs, known)
        learned += _keep(run, template, pairs[0].url, seen, now) if seen else 0
    return learned


def _learns(policy: CrawlPolicy) -> bool:
    return policy.learn_noise and policy.change_means == ChangeMeans.CONTENT


def _rows(seed_id: int, template: int) -> Iterable[NoiseBlock]:
    return NoiseBlock.objects.filter(seed=seed_id, template=template).order_by("pk")


def _known_pages(seed_id: int) -> set[int]:
    rows = NoiseBlock.objects.filter(seed=seed_id).values_list("signs", flat=True)
    return {int(page) for signs in rows for page in signs.get("pages", ())}


def _looked_at(run: Run, pairs: Sequence[StoredPair], known: list[str]) -> list[LookedAt]:
    """What the pairs say; nothing if reading them takes too long: they cost this look, and nothing else."""
    policy, stored = run.policy, StoredBodies([pk for pair in pairs for pk in (pair.before, pair.after)])
    bodies = [(pair, body) for pair in pairs if (body := _pair(stored, pair)) is not None]
    order = Order(
        pairs=[body for _, body in bodies],
        known=known,
        noise=list(policy.noise),
        collections=[each.plain() for each in policy.collections],
    )
    try:
        looks = looks_in_child(order).pairs if bodies else []
    except ChildKilled as error:
        log.warning("versions of pages like %s cannot be compared: %s", pairs[0].url, error)
        return []
    return [
        LookedAt(Moment(pair.page, run.pk, pair.time, pair.since), pair.unchanged, look)
        for (pair, _), look in zip(bodies, looks, strict=True)
        if look is not None
    ]


def _pair(stored: StoredBodies, pair: StoredPair) -> Pair | None:
    """None where a version is no longer in the archive, or that does not answer."""
    try:
        before, after = stored.read(pair.before), stored.read(pair.after)
    except ArchiveError:
        return None
    return Pair(
        before=Body(url=pair.url, body=before.body, content_type=before.content_type),
        after=Body(url=pair.url, body=after.body, content_type=after.content_type),
    )


@transaction.atomic
def _keep(run: Run, template: int, url: str, seen: Sequence[LookedAt], now: datetime) -> int:
    """Add what was seen to the rows of a template. The seed's row is locked: one run learns at a time."""
    Seed.objects.select_for_update(no_key=True).get(pk=run.seed_id)
    rows = {row.selector: row for row in _rows(run.seed_id, template)}
    known = {selector: _evidence(row) for selector, row in rows.items()}
    if any(run.pk in evidence.signs.runs for evidence in known.values()):
        return 0
    for evidence in known.values():
        evidence.signs.kept = ""  # other rules may read other parts
    learn(known, seen, [row.selector for row in rows.values() if row.state == State.LEFT_OUT])
    learned = 0
    for selector, evidence in known.items():
        row = rows.get(selector) or NoiseBlock(
            seed_id=run.seed_id, template=template, example_url=url, selector=selector
        )
        learned += _turned(row, known, _counting(rows), now)
        _write(row, evidence)
    return learned


def _counting(rows: Mapping[str, NoiseBlock]) -> list[str]:
    """What a person has switched back on."""
    return [row.selector for row in rows.values() if row.state == State.COUNTS]


def _turned(row: NoiseBlock, known: Known, counting: Sequence[str], now: datetime) -> bool:
    """Whether a block is left out from now on. One that a person has switched on stays as it is."""
    if row.state == State.WATCHED and is_noise(row.selector, known, counting):
        row.state, row.learned_at = State.LEFT_OUT, now
        return True
    if row.state == State.LEFT_OUT and known[row.selector].has_calmed:
        row.state, row.learned_at = State.WATCHED, None
    return False


def _evidence(row: NoiseBlock) -> Evidence:
    return Evidence(
        selector=row.selector,
        looks=row.looks,
        changes=row.changes,
        pages=row.pages,
        alone=row.alone,
        samples=list(row.samples),
        signs=Signs.of(row.signs),
    )


def _write(row: NoiseBlock, evidence: Evidence) -> None:
    row.looks, row.changes, row.pages = evidence.looks, evidence.changes, evidence.pages
    row.alone, row.samples, row.signs = evidence.alone, evidence.samples, evidence.signs.plain()
    row.save()
