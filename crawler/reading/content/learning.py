"""Learning: from looks at pairs of versions of similar pages to what is known of their blocks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from crawler.reading.content.block_looks import PairLooks
from crawler.reading.content.evidence import AT_ONCE, MINUTES, Evidence, Moment, is_around

MOST_BLOCKS = 40  # of one template

Known = dict[str, Evidence]  # by selector


class LookedAt(NamedTuple):
    """Two versions of a page, one after the other, and what they say."""

    at: Moment
    unchanged: int  # looks between them that found the page unchanged
    looks: PairLooks


def learn(known: Known, pairs: Sequence[LookedAt], left_out: Collection[str] = ()) -> None:
    """Add what the pairs of one run say to what is known; new blocks that changed become known.

    Of a block that is left out already, nobody knows what it did at looks that found a page unchanged.
    """
    for pair in pairs:
        for selector, look in pair.looks.blocks.items():
            if selector in known or (look.change is not None and len(known) < MOST_BLOCKS):
                evidence = known.setdefault(selector, Evidence(selector=selector))
                unchanged = 0 if selector in left_out else pair.unchanged
                evidence.add(look, pair.at, unchanged=unchanged)
    for selector, evidence in known.items():
        looks = [pair.looks.blocks[selector] for pair in pairs if selector in pair.looks.blocks]
        if len(looks) >= AT_ONCE and all(look.change is not None for look in looks):
            evidence.add_at_once(pairs[0].at.run)
    _count_alone(known, pairs, left_out)
    _count_quick_alone(known, pairs, left_out)


def is_noise(selector: str, known: Mapping[str, Evidence], counting: Collection[str] = ()) -> bool:
    """Whether a block is to be left out: so must be every other one in it that changes, or ``counting``."""
    evidence = known[selector]
    inner = [known[each] for each in evidence.signs.holds if each in known]
    return (
        evidence.is_noise
        and not any(each.changes and not each.is_noise for each in inner)
        and not any(each.selector in counting for each in inner)
    )


def _count_quick_alone(known: Known, pairs: Sequence[LookedAt], left_out: Collection[str]) -> None:
    """Pairs some minutes apart in which nothing differed that people write, by its name or its kind."""
    for pair in pairs:
        changes = {
            selector: look.change for selector, look in pair.looks.blocks.items() if look.change is not None
        }
        if pair.at.since >= 60 * MINUTES or pair.looks.elsewhere:
            continue
        if all(each in left_out or is_around(each) or change.machine for each, change in changes.items()):
            for selector in known.keys() & changes.keys():
                known[selector].add_quick_alone()


def _count_alone(known: Known, pairs: Sequence[LookedAt], left_out: Collection[str]) -> None:
    """Pairs in which nothing differed but blocks that are, or are about to be, left out."""
    for pair in pairs:
        differ = [selector for selector, look in pair.looks.blocks.items() if look.change is not None]
        if not pair.looks.elsewhere and all(
            selector in left_out or (selector in known and known[selector].is_steady) for selector in differ
        ):
            for selector in differ:
                known[selector].alone = min(known[selector].alone + 1, known[selector].changes)
