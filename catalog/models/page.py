"""Page and Snapshot: a URL over time and its stored versions; NoiseBlock: what is no content of pages."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from catalog.models.batch import Batch
from catalog.models.changeset import change_set
from catalog.models.host import Host
from catalog.models.ruleset import RuleSet
from catalog.models.run import Run
from catalog.models.seed import Seed
from catalog.packing import Look, looks_in, unpack_outlinks, unpack_text
from crawler.outlinks import Outlink


class Page(models.Model):
    """A canonical URL of a seed, over all its runs: validators, digest, latest version."""

    seed = models.ForeignKey(Seed, on_delete=models.CASCADE, related_name="pages", db_index=False)
    host = models.ForeignKey(Host, on_delete=models.PROTECT, related_name="pages", db_index=False)
    url = models.TextField()  # canonical
    fingerprint = models.BigIntegerField()
    first_stored_at = models.DateTimeField()
    last_fetched_at = models.DateTimeField()  # stored or found unchanged
    last_changed_at = models.DateTimeField()
    versions = models.PositiveIntegerField(default=1)  # that it had; fewer may be kept
    etag = models.CharField(max_length=300, blank=True)
    last_modified = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    rule_set = models.ForeignKey(
        RuleSet, null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )  # that read the latest version last; null: it has no reading
    text_signature = models.BigIntegerField(null=True)  # of the latest version, see crawler.rules.traps
    content = models.BigIntegerField(null=True)  # signature of the latest version's content; null: not known
    values_signature = models.BigIntegerField(null=True)  # of what its rule set read from it
    noise = models.BigIntegerField(default=0)  # signature of what was left out of its content; 0: nothing
    looks = models.PositiveIntegerField(default=1)  # fetches that got it: stored or unchanged
    lately = models.BinaryField(default=b"")  # its last looks, packed; see catalog.packing
    lastmod = models.DateTimeField(null=True)  # the newest that a sitemap said
    latest = models.ForeignKey(
        "Snapshot",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    changed_in = change_set()  # the last in which it was new, had a new version, went or came back
    new_in = change_set()  # in which it was stored first, or came back
    gone_at = models.DateTimeField(null=True)  # null: it is there, as far as is known
    gone_answers = models.PositiveSmallIntegerField(default=0)  # 404 and 410 in a row

    class Meta:
        constraints = [models.UniqueConstraint(fields=["seed", "fingerprint"], name="page_once_per_seed")]
        indexes = [
            # the list of pages: two orders, for all seeds and for one
            models.Index(fields=["seed", "-last_changed_at"], name="page_changed"),
            models.Index(fields=["seed", "-last_fetched_at"], name="page_fetched"),
            models.Index(fields=["-last_changed_at"], name="page_changed_all"),
            models.Index(fields=["-last_fetched_at"], name="page_fetched_all"),
            models.Index(fields=["host"], name="page_host"),
            # exports, recrawls and deletions, which go through all pages of a seed in slices
            models.Index(fields=["seed", "id"], name="page_of_seed"),
            # the feed of changes, of all seeds and of one
            models.Index(fields=["changed_in", "seed"], name="page_in_change_set"),
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def times_seen(self) -> int:
        """Looks that got it; at least its versions, as earlier releases did not count."""
        return max(self.looks, self.versions)

    @property
    def changes(self) -> int:
        """How often it had changed when it was looked at, whatever is kept of its versions."""
        return max(self.versions - 1, 0)

    @property
    def last_looks(self) -> list[Look]:
        """Its last looks, newest first."""
        return list(looks_in(self.lately))


class Snapshot(models.Model):
    """One stored version of a page. The body is in its batch's segment; text and outlinks are here."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="snapshots", db_index=False)
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="snapshots")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="snapshots")
    offset = models.PositiveBigIntegerField()
    length = models.PositiveIntegerField()
    final_url = models.TextField()  # the one requested
    status = models.PositiveSmallIntegerField()
    content_type = models.CharField(max_length=100, blank=True)
    encoding = models.CharField(max_length=40, blank=True)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    fetched_at = models.DateTimeField(default=timezone.now)
    title = models.TextField(blank=True)
    text_zstd = models.BinaryField(default=b"")  # see catalog.packing
    outlinks_zstd = models.BinaryField(default=b"")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "run"], name="snapshot_once_per_run")]
        indexes = [models.Index(fields=["page", "-id"], name="snapshot_of_page")]

    def __str__(self) -> str:
        return f"{self.final_url} at {self.fetched_at:%Y-%m-%d %H:%M:%S}"

    @property
    def text(self) -> str:
        """The page's text, white space folded."""
        return unpack_text(self.text_zstd)

    @property
    def outlinks(self) -> tuple[Outlink, ...]:
        """The links in scope found on this version, in document order."""
        return unpack_outlinks(self.outlinks_zstd)


class NoiseBlock(models.Model):
    """A part of the pages of a template: watched, left out of what is content, or switched back on."""

    class State(models.TextChoices):
        WATCHED = "watched", "watched"  # too little is known
        LEFT_OUT = "left_out", "left out"
        COUNTS = "counts", "counts"  # a person has switched it back on

    seed = models.ForeignKey(Seed, on_delete=models.CASCADE, related_name="noise_blocks", db_index=False)
    template = models.BigIntegerField()  # fingerprint of the URL template (crawler.rules.traps)
    example_url = models.TextField()
    selector = models.CharField(max_length=500)  # CSS
    state = models.CharField(max_length=8, choices=State, default=State.WATCHED)
    looks = models.PositiveIntegerField(default=0)  # pairs of versions that were compared
    changes = models.PositiveIntegerField(default=0)  # of these, pairs in which it differed
    pages = models.PositiveIntegerField(default=0)  # distinct ones on which it differed
    alone = models.PositiveIntegerField(default=0)  # pairs in which nothing but such parts differed
    samples = models.JSONField(default=list)  # what it showed before and after some changes
    signs = models.JSONField(default=dict)  # see crawler.reading.content.evidence
    learned_at = models.DateTimeField(null=True)  # since when it is left out
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seed", "template", "selector"], name="noise_block_once")
        ]

    def __str__(self) -> str:
        return f"{self.selector} on pages like {self.example_url}"
