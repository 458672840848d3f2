"""Two versions of a page beside each other: title, fields, links, and the words of their texts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from catalog.models import Page, Snapshot
from crawler.reading.difference.passages import Difference
from crawler.reading.difference.texts import lines_difference, words_difference
from crawler.reading.encoding import decode
from djsite.desk.read.history import Cell, compare, versions_of
from djsite.desk.read.pages import body_of, whole_versions

CHOICES = 100  # versions that the form offers, the newest, besides those that are compared
LINKS = 100  # of each kind that are listed
SOURCE = 1_000_000  # bytes of a body whose source is compared


@dataclass(frozen=True)
class Comparison:
    """Two versions of a page, the older one first, with their texts and links."""

    before: Snapshot
    after: Snapshot

    @cached_property
    def text(self) -> Difference:
        """By words."""
        return words_difference(self.before.text, self.after.text)

    @cached_property
    def title(self) -> Difference:
        """By words."""
        return words_difference(self.before.title, self.after.title)

    @cached_property
    def fields(self) -> list[Cell]:
        """The fields that have other values, where the same rule read both."""
        return compare([self.after, self.before])[0].changed

    @cached_property
    def links(self) -> tuple[list[str], list[str]]:
        """The addresses in scope that are gone, and those that are new."""
        before = dict.fromkeys(link.url for link in self.before.outlinks)
        after = dict.fromkeys(link.url for link in self.after.outlinks)
        return [url for url in before if url not in after], [url for url in after if url not in before]

    @property
    def same(self) -> bool:
        """Whether readers would see no difference."""
        changes = self.text.changed or self.title.changed
        return not (changes or self.fields or any(self.links))

    def source(self) -> Difference:
        """By lines, of the beginnings of long bodies. Raises :class:`djsite.desk.read.pages.BodyMissing`."""
        bodies = [(body_of(each), each.content_type) for each in (self.before, self.after)]
        before, after = (decode(body[:SOURCE], content_type)[0] for body, content_type in bodies)
        difference = lines_difference(before, after)
        return difference._replace(cut=difference.cut or any(len(body) > SOURCE for body, _ in bodies))


def compared(page: Page, before: int | None, after: int | None) -> Comparison | None:
    """Two versions of a page by their ids, in whatever order: without ``after`` the latest, without
    ``before`` the one before it. None if there are no two.
    """
    versions = whole_versions().filter(page=page).order_by("-pk")
    newer = versions.filter(pk=after).first() if after is not None else versions.first()
    if newer is None:
        return None
    earlier = versions.filter(pk=before) if before is not None else versions.filter(pk__lt=newer.pk)
    older = earlier.first()
    if older is None or older == newer:
        return None
    return Comparison(*sorted((older, newer), key=lambda version: version.pk))


def choices(page: Page, comparison: Comparison) -> list[Snapshot]:
    """The versions that the form offers, the newest first."""
    newest = {version.pk: version for version in versions_of(page).order_by("-pk")[:CHOICES]}
    offered = newest | {each.pk: each for each in (comparison.before, comparison.after)}
    return [offered[pk] for pk in sorted(offered, reverse=True)]
