"""The texts of a page around an event: of the version that shows it, and of the one before."""

from __future__ import annotations

from catalog.models import Event, Snapshot


def texts_around(event: Event) -> tuple[str, str]:
    """The text before and after; of a new page, nothing before.

    Where one of the two versions is not kept, both texts are the same: nothing is known to have turned.
    """
    older = Snapshot.objects.filter(page=event.page_id, pk__lte=event.snapshot_id or 0)
    versions = list(older.order_by("-pk").only("text_zstd")[:2])
    if not versions or versions[0].pk != event.snapshot_id:
        return "", ""
    before = "" if event.kind == Event.Kind.PAGE_NEW else versions[-1].text
    return before, versions[0].text
