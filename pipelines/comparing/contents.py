"""The entry: whether stored versions of pages have the same content, by the noise and the rules of now."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from catalog.models import Seed, Snapshot
from crawler.policy import ChangeMeans
from crawler.reading.extractor import compile_collections
from pipelines.archive import ArchiveError
from pipelines.comparing.contents_child import same_in_child
from pipelines.comparing.order import Body, Pair, Pairs
from pipelines.comparing.versions import noise_of
from pipelines.killable import ChildKilled
from pipelines.parse.stored import StoredBodies

LARGEST = 2_000_000  # bytes of a version that is read for this
Versions = tuple[Snapshot, Snapshot]

log = logging.getLogger(__name__)


def same_contents(seed: Seed, pairs: Sequence[Versions]) -> list[bool]:
    """Of each pair of versions of one page, whether a reader sees the same.

    What cannot be read, or not within the limits, is not the same. Some twenty pairs are for one call.
    """
    policy = seed.policy()
    if policy.change_means == ChangeMeans.BYTES:
        return [before.digest == after.digest for before, after in pairs]
    plain = tuple(each for each in policy.collections if not each.extractor)
    headers = compile_collections(plain).asks_for_headers
    bodies = StoredBodies([version.pk for pair in pairs for version in pair])
    readable = {
        at: bodies_of_pair
        for at, pair in enumerate(pairs)
        if (bodies_of_pair := _pair(seed, pair, bodies, headers=headers)) is not None
    }
    order = Pairs(
        pairs=list(readable.values()),
        collections=[each.plain() for each in plain],
        ignored=list(policy.ignore_params),
        change_means=policy.change_means,
    )
    try:
        same = dict(zip(readable, same_in_child(order).same, strict=True)) if readable else {}
    except ChildKilled as error:
        log.warning("versions of pages of %s cannot be compared: %s", seed.name, error)
        same = {}
    return [same.get(at, False) for at in range(len(pairs))]


def _pair(seed: Seed, pair: Versions, bodies: StoredBodies, *, headers: bool) -> Pair | None:
    """None for what is not in the archive, or too large."""
    if any(version.size > LARGEST for version in pair):
        return None
    try:
        before, after = (bodies.read(version.pk, headers=headers) for version in pair)
    except ArchiveError:
        return None
    before_body, after_body = (
        Body(body=each.body, content_type=each.content_type, headers=list(each.headers))
        for each in (before, after)
    )
    url = pair[1].page.url
    return Pair(before=before_body, after=after_body, url=url, noise=noise_of(seed, url))
