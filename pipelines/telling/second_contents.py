"""Whether the content of pages that were looked at again is as before, without noise.

Texts and bytes differ by the next advertisement. So the versions are read again, without the noise that is
known now, by a process of its own; what the looks themselves say of noise is learned first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from catalog.models import Page, Run, SecondLook, Seed
from pipelines.comparing.contents import Versions, same_contents
from pipelines.noise.learning import learn_noise
from pipelines.telling.second_verdicts import first_change, version_before

MOST = 100  # looks of one call
AT_ONCE = 20  # that one process compares
State = SecondLook.State


def looks_to_compare() -> QuerySet[SecondLook]:
    """Looks whose content nobody has compared. Those of a recrawl wait until it is over and learned from."""
    live = Run.objects.live().filter(pk=OuterRef("run_id"))
    return SecondLook.objects.filter(~Exists(live), state=State.GOT, seed__deleted_at=None)


def compare_contents(now: datetime) -> None:
    """Say of some looks whether content is as before. May be repeated; takes seconds, and no locks."""
    by_seed: dict[Seed, list[SecondLook]] = defaultdict(list)
    for look in looks_to_compare().select_related("seed").order_by("pk")[:MOST]:
        by_seed[look.seed].append(look)
    for seed, looks in by_seed.items():
        for run_id in sorted({look.run_id for look in looks if look.run_id}):
            learn_noise(run_id, now)
        for at in range(0, len(looks), AT_ONCE):
            _compare(seed, looks[at : at + AT_ONCE])


def _compare(seed: Seed, looks: Sequence[SecondLook]) -> None:
    pages = Page.objects.select_related("latest").in_bulk([look.page_id for look in looks])
    pairs = {look.pk: pair for look in looks if (pair := _versions(look, pages.get(look.page_id)))}
    same = dict(zip(pairs, same_contents(seed, list(pairs.values())), strict=True))
    for state in (State.AS_BEFORE, State.OTHER):
        of_state = [look.pk for look in looks if same.get(look.pk, False) == (state == State.AS_BEFORE)]
        SecondLook.objects.filter(pk__in=of_state, state=State.GOT).update(state=state)


def _versions(look: SecondLook, page: Page | None) -> Versions | None:
    """The version before the first change that waits, and that of now; None if one is not kept."""
    change = first_change(look)
    if page is None or page.latest is None or change is None:
        return None
    before = version_before(change, page)
    if before is None:
        return None
    page.latest.page = page
    return before, page.latest
