"""Where an address was found, or stands: by its visit, or on the pages where it would stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from catalog.models import Page, Visit
from crawler.outlinks import VisitKind
from crawler.policy import SMALL
from crawler.rules.urls import BadUrl, resolve
from djsite.desk.explain.case import Case
from djsite.desk.explain.explanation import Link, Mark, Step

LOOKED_AT = 20  # pages on which a link is looked for


class Found(NamedTuple):
    """What leads to the address, and how many links from a start URL the address is by it."""

    url: str
    depth: int
    page: int | None
    kind: VisitKind = VisitKind.PAGE


def found_at(case: Case) -> Found | None:
    """Where its last visit was found; without visits, a start page or a folder with its link."""
    visit = case.waiting or case.last
    if visit is None:
        return _on_likely_pages(case)
    if visit.found_on is None:
        return None
    parent = Visit.objects.filter(pk=visit.found_on).first()
    if parent is None:
        return None
    return Found(parent.url, visit.depth, parent.page_id, VisitKind(parent.kind))


def _on_likely_pages(case: Case) -> Found | None:
    """The first start page, or page of a folder above it, whose latest version has the link."""
    likely = [case.keys.link(url).fingerprint for url in _likely(case)][:LOOKED_AT]
    pages = Page.objects.filter(seed=case.seed, fingerprint__in=likely, latest__isnull=False)
    for page in pages.select_related("latest").defer("latest__text_zstd"):
        links = page.latest.outlinks if page.latest else ()
        for outlink in links:
            if (
                case.keys.outlink(outlink.url, outlink.url) == case.link
                or outlink.fingerprint == case.link.fingerprint
            ):
                depth = _depth(case, page)
                return Found(page.url, depth if outlink.level else min(depth + 1, SMALL), page.pk)
    return None


def _likely(case: Case) -> Iterator[str]:
    for url in case.roots:
        try:
            yield resolve(url)
        except BadUrl:
            continue
    folder = case.address.partition("?")[0].rstrip("/")
    while (folder := folder.rpartition("/")[0]).count("/") > 1:
        yield f"{folder}/"
        if folder.count("/") > 2:
            yield folder


def _depth(case: Case, page: Page) -> int:
    """How deep the page was when it was visited last; 0 if no visit is kept."""
    visits = Visit.objects.filter(run__in=case.runs, fingerprint=page.fingerprint)
    return max(visits.values_list("pk", "depth"), default=(0, 0))[1]


def found_step(case: Case, found: Found | None) -> Step:
    """Where the address was found."""
    if case.is_start:
        return Step(name="found", mark=Mark.YES, sentence="Somebody wrote it in the seed, as a start URL.")
    if case.is_sitemap:
        return Step(name="found", mark=Mark.YES, sentence="Somebody wrote it in the seed, as a sitemap.")
    visit = case.waiting or case.last
    if found is not None:
        verb = "It was found" if visit else "A link to it stands"
        where = "in the sitemap" if found.kind == VisitKind.SITEMAP else "on the page"
        facts = {"found_on": found.url, "depth": found.depth}
        link = Link("page", found.page) if found.page else None
        sentence = f"{verb} {where} {found.url}, {_links(found.depth)} from a start URL."
        return Step(name="found", mark=Mark.YES, sentence=sentence, facts=facts, link=link)
    if visit is not None:
        sentence = f"Where it was found is not kept any more; it is {_links(visit.depth)} from a start URL."
        if visit.found_on is None:
            sentence = f"Run {visit.run_id} began with it."
        return Step(name="found", mark=Mark.YES, sentence=sentence, facts={"depth": visit.depth})
    if case.crawl and case.address in case.crawl.out_of_scope_sample:
        sentence = f"Run {case.crawl.pk} found it, and left it out as out of scope."
        return Step(name="found", mark=Mark.YES, sentence=sentence, link=Link("run", case.crawl.pk))
    sentence = "No link to it stands on the start pages or on the pages of the folders above it."
    return Step(name="found", mark=Mark.UNKNOWN, sentence=sentence)


def _links(depth: int) -> str:
    return "1 link" if depth == 1 else f"{depth:,} links"
