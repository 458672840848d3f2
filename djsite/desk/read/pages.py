"""Pages: the list, one page, one of its versions and that version's body."""

from __future__ import annotations

from operator import attrgetter

from django.db.models import Min, Q, QuerySet

from catalog.models import JudgedAnswer, Page, Run, Seed, Snapshot, Visit
from crawler.rules.keys import Keys
from crawler.rules.urls import BadUrl, resolve
from djsite.desk.read.history import READINGS
from djsite.desk.read.keyset import SIZE
from pipelines import archive

MANY = 10 * SIZE  # seeds that have the same URL, at most
RUNS = 50  # of a seed, whose failed visits of a page are looked for


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
        "gone_at",
        "versions",
        "seed__name",
        "latest__title",
        "latest__status",
        "latest__content_type",
        "latest__size",
    )


def keys_at(url: str, seed: int | None = None) -> list[int]:
    """The pages of a whole URL, of one seed or of all, by their fingerprints; none for another text.

    Seeds differ in the query parameters that they ignore, so a URL may have several fingerprints.
    """
    try:
        address = resolve(url) if url.lower().startswith(("http://", "https://")) else ""
    except BadUrl:
        return []
    if not address:
        return []
    alike = Seed.objects.alive().order_by().values("ignore_params").annotate(first=Min("pk"))
    here = Q()
    for each in Seed.objects.filter(pk__in=alike.values("first")):
        fingerprint = Keys.of(each.policy()).link(address).fingerprint
        here |= Q(seed__ignore_params=each.ignore_params, fingerprint=fingerprint)
    pages = Page.objects.filter(here, seed__deleted_at=None) if here else Page.objects.none()
    if seed:
        pages = pages.filter(seed=seed)
    return list(pages.order_by().values_list("pk", flat=True)[:MANY])


def whole_pages() -> QuerySet[Page]:
    """Pages with all that is shown of one: its seed, its host, its latest version without text and links."""
    return (
        Page.objects.filter(seed__deleted_at=None)
        .select_related("seed", "latest", "host")
        .defer("latest__text_zstd", "latest__outlinks_zstd")
    )


def whole_versions() -> QuerySet[Snapshot]:
    """Versions with all that is shown of one: page, readings, text and links, where the body is."""
    versions = Snapshot.objects.filter(page__seed__deleted_at=None)
    return versions.select_related("page__seed", "run", "batch").prefetch_related(READINGS)


def visits_of(page: Page, most: int) -> list[Visit]:
    """The newest visits of a page, and of its latest runs those too that stored and confirmed nothing."""
    runs = Run.objects.started().filter(seed=page.seed_id).order_by("-pk").values_list("pk", flat=True)
    of_runs = Visit.objects.filter(
        run__in=list(runs[:RUNS]), fingerprint=page.fingerprint, state=Visit.State.DONE
    )
    slices = (
        visits.select_related("run").order_by("-id")[:most] for visits in (page.visits.all(), of_runs)
    )  # two statements, each on an index of its own
    by_id = {visit.pk: visit for visits in slices for visit in visits}
    return sorted(by_id.values(), key=attrgetter("pk"), reverse=True)[:most]


_ENDINGS = {
    "text/html": "html.txt",
    "application/xhtml+xml": "html.txt",
    "text/xml": "xml.txt",
    "application/xml": "xml.txt",
    "text/plain": "txt",
    "text/csv": "csv",
    "application/json": "json",
    "application/pdf": "pdf",
}  # what a browser would run is opened as text


def body_name(version: Snapshot) -> str:
    """The name of the file as which a body is saved: a program opens it, and none runs its scripts."""
    return f"version-{version.pk}.{_ENDINGS.get(version.content_type.partition(';')[0].strip(), 'bin')}"


def body_of(kept: Snapshot | JudgedAnswer) -> bytes:
    """The body as it was answered, decoded. ``kept`` has its batch at hand.

    Raises:
        BodyMissing: the archive does not have it, or has something else.
    """
    while True:
        batch = kept.batch
        try:
            body = archive.read_body(batch.folder, kept.offset, kept.length)
            break
        except archive.ArchiveError as error:
            kept.refresh_from_db(fields=["offset", "batch"])
            if kept.batch.folder == batch.folder:  # else it was moved a moment ago
                raise BodyMissing(str(error)) from error
    if archive.content_digest(body) != kept.digest:
        raise BodyMissing("the stored body is damaged: it is not what was fetched (its digest differs)")
    return body
