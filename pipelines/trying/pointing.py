"""Pointing at a page that was tried: its body again, and stored pages of the same kind to count on."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator
from zlib import compress, decompressobj

from catalog.models import Page
from crawler.rules.traps import shape_of, template_of
from crawler.rules.urls import origin_of
from pipelines.archive import ArchiveError
from pipelines.parse.stored import StoredBodies, StoredBody
from pipelines.trying.pointed import KeptBody, Pointed, PointingOrder, Steps
from pipelines.trying.pointing_child import point_in_child

MOST_BYTES = 2_000_000  # of a packed body that is kept for pointing
MOST_UNPACKED = 30_000_000  # bytes of a body
STORED = 10  # pages of the same kind on which rules are counted
LOOKED_AT = 500  # pages of the host among which they are found


def keep(url: str, content_type: str, body: bytes) -> KeptBody | None:
    """A body to be kept with the result of a try; None if there is none, or it is too large."""
    if not body or len(body) > MOST_UNPACKED:
        return None
    packed = compress(body, 6)
    if len(packed) > MOST_BYTES:
        return None
    return KeptBody(url=url, content_type=content_type, packed=b64encode(packed).decode())


def point_at(kept: KeptBody, steps: Steps) -> Pointed:
    """What is shown of a page that somebody points at; of what cannot be read, the reason."""
    order = PointingOrder(
        url=kept.url,
        body=decompressobj().decompress(b64decode(kept.packed), MOST_UNPACKED),
        content_type=kept.content_type,
        steps=steps,
        stored=[(stored.body, stored.content_type) for stored in _stored_like(kept.url)],
    )
    return point_in_child(order)


def _stored_like(url: str) -> Iterator[StoredBody]:
    """The newest stored pages of other addresses of the same kind."""
    pages = Page.objects.filter(host__origin=origin_of(url), seed__deleted_at=None).exclude(latest=None)
    rows = pages.order_by("-pk").values_list("url", "latest_id")[:LOOKED_AT]
    alike = {address: latest for address, latest in rows if address != url and _kind(address) == _kind(url)}
    versions = [latest for latest in alike.values() if latest is not None][:STORED]
    bodies = StoredBodies(versions)
    for version in versions:
        try:
            yield bodies.read(version)
        except ArchiveError:
            continue  # rules are only counted on it


def _kind(url: str) -> str:
    """What pages of one kind have in common: their template, else the shape of their address."""
    return template_of(url) or shape_of(url)
