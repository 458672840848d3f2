"""Pages: the list, one page, one of its versions and that version's body."""

from __future__ import annotations

from django.db.models import QuerySet

from catalog.models import Page, Snapshot
from djsite.desk.read.history import RECORDS
from pipelines import archive


class BodyMissing(Exception):
    """The archive does not have a version's body (any more); the text says why."""


def list_pages(seed: int | None = None) -> QuerySet[Page]:
    """Pages with their seed and what a list shows of the latest version; never a text or a body."""
    pages = Page.objects.filter(seed__deleted_at=None)
    if seed:
        pages = pages.filter(seed=seed)
    return pages.select_related("seed", "latest").only(
        "url",
        "first_stored_at",
        "last_changed_at",
        "last_fetched_at",
        "versions",
        "seed__name",
        "latest__title",
        "latest__status",
        "latest__content_type",
        "latest__size",
    )


def whole_pages() -> QuerySet[Page]:
    """Pages with all that is shown of one: its seed, its host, its latest version without text and links."""
    return (
        Page.objects.filter(seed__deleted_at=None)
        .select_related("seed", "latest", "host")
        .defer("latest__text_zstd", "latest__outlinks_zstd")
    )


def whole_versions() -> QuerySet[Snapshot]:
    """Versions with all that is shown of one: page, records, text and links, where the body is."""
    versions = Snapshot.objects.filter(page__seed__deleted_at=None)
    return versions.select_related("page__seed", "run", "batch").prefetch_related(RECORDS)


def body_of(version: Snapshot) -> bytes:
    """The body as it was answered, decoded. ``version`` is one of :func:`whole_versions`.

    Raises:
        BodyMissing: the archive does not have it, or has something else.
    """
    try:
        body = archive.read_body(version.batch.folder, version.offset, version.length)
    except archive.ArchiveError as error:
        raise BodyMissing(str(error)) from error
    if archive.content_digest(body) != version.digest:
        raise BodyMissing("the stored body is damaged: it is not what was fetched (its digest differs)")
    return body
