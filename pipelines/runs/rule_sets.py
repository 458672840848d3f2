"""Rule sets: rows for the collections of seeds, made when a run freezes them or a person saves them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from catalog.models import RuleSet, Run, Seed
from catalog.sql.bulk import update_each
from crawler.collections import Collection, rules_digest
from crawler.policy import CrawlPolicy
from crawler.reading.own_code.names import code_of

Rules = tuple[Collection, ...]
TICK = timedelta(microseconds=1)


def give_rule_sets(frozen: Sequence[tuple[Run, CrawlPolicy]], now: datetime) -> None:
    """Set ``rule_set`` of runs whose policies have just been frozen; the caller saves the runs.

    Call it in the transaction that freezes them. One statement if all the rules are in force already.
    """
    rules = {run.seed_id: policy.collections for run, policy in frozen if policy.collections}
    ids = _put_in_force(rules, now) if rules else {}
    for run, _ in frozen:
        run.rule_set_id = ids.get(run.seed_id)


def save_rules(seed: Seed, now: datetime, user_id: int | None) -> None:
    """Put the rules of a seed that somebody has just saved in force; nothing if they are already."""
    if collections := pinned(seed.policy()).collections:
        _put_in_force({seed.pk: collections}, now, user_id)


def pinned(policy: CrawlPolicy) -> CrawlPolicy:
    """The policy with the versions that its extractors in Python have now: other code is other rules."""
    if not any(each.extractor for each in policy.collections):
        return policy
    collections = tuple(
        msgspec.structs.replace(each, code=code_of(each.extractor)) if each.extractor else each
        for each in policy.collections
    )
    return msgspec.structs.replace(policy, collections=collections)


def _put_in_force(rules: Mapping[int, Rules], now: datetime, user_id: int | None = None) -> dict[int, int]:
    """Make each seed's rules its newest rule set; returns its id by seed id.

    Takes no lock. If somebody else saves other rules of a seed at the same moment, it looks again, and its
    rules come into force after theirs.
    """
    digests = {seed_id: rules_digest(collections) for seed_id, collections in rules.items()}
    while True:
        known = _known(digests)
        changed = [
            _newest(known[seed_id], _row(seed_id, rules[seed_id], now, user_id))
            for seed_id, digest in sorted(digests.items())
            if not known[seed_id] or known[seed_id][-1].digest != digest
        ]
        if not changed:
            return {seed_id: known[seed_id][-1].pk for seed_id in digests}
        RuleSet.objects.bulk_create([row for row in changed if row.pk is None], ignore_conflicts=True)
        update_each([row for row in changed if row.pk is not None], ["in_force_since"])


def _known(seed_ids: Iterable[int]) -> dict[int, list[RuleSet]]:
    """The rule sets of seeds by seed id, the newest last."""
    rows = RuleSet.objects.filter(seed__in=list(seed_ids)).order_by("in_force_since").defer("rules")
    known: dict[int, list[RuleSet]] = defaultdict(list)
    for row in rows:
        known[row.seed_id].append(row)
    return known


def _row(seed_id: int, rules: Rules, now: datetime, user_id: int | None) -> RuleSet:
    return RuleSet(
        seed_id=seed_id,
        rules=[collection.plain() for collection in rules],
        digest=rules_digest(rules),
        in_force_since=now,
        created_at=now,
        created_by_id=user_id,
    )


def _newest(earlier: Sequence[RuleSet], new: RuleSet) -> RuleSet:
    """The rule set that becomes the newest: one of the earlier with the same rules, else the next number."""
    row = next((old for old in earlier if old.digest == new.digest), new)
    if row is new:
        row.number = 1 + max((old.number for old in earlier), default=0)
    if earlier:
        row.in_force_since = max(new.in_force_since, earlier[-1].in_force_since + TICK)
    return row
