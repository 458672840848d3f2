"""Host: a scheme, host name and port, with its lease, its best due work, robots.txt and breaker."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Host(models.Model):
    """One origin. Fetch sessions lease hosts, never single URLs.

    ``rank`` and ``due_at`` are those of the host's best queued visit (see ``Visit.rank``): of the due visits
    the one of best rank, else the one due first. Admission improves them, the end of a lease recomputes them.
    """

    NO_WORK = 99  # rank of a host with nothing queued

    origin = models.CharField(max_length=300, unique=True)  # scheme://host:port

    rank = models.PositiveSmallIntegerField(default=NO_WORK)
    due_at = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=100, blank=True)  # the worker's node name
    lease_token = models.CharField(max_length=32, blank=True)  # one per session
    lease_until = models.DateTimeField(null=True, blank=True)
    next_request_at = models.DateTimeField(null=True, blank=True)

    robots_body = models.TextField(blank=True)  # its bytes as Latin-1, so that none is lost
    robots_status = models.PositiveSmallIntegerField(null=True, blank=True)
    robots_reason = models.CharField(max_length=40, blank=True)  # why it could not be had, without an answer
    robots_detail = models.CharField(max_length=300, blank=True)
    robots_fetched_at = models.DateTimeField(null=True, blank=True)
    robots_expires_at = models.DateTimeField(null=True, blank=True)

    slowdown = models.FloatField(default=1.0)  # factor on the delay after 429 and 503
    failures = models.PositiveIntegerField(default=0)  # in a row, see crawler.rules.breaker
    failing = models.JSONField(default=dict, blank=True)  # sections that fail, see crawler.rules.breaker
    open_until = models.DateTimeField(null=True, blank=True)  # breaker: no request before this time
    deaths = models.PositiveSmallIntegerField(default=0)  # sessions in a row that died while they held it
    suspect = models.BigIntegerField(null=True)  # visit asked for alone when the session last died
    quarantined = models.JSONField(default=list)  # visit ids, each once for a session that died on it

    last_status = models.PositiveSmallIntegerField(null=True, blank=True)
    last_reason = models.CharField(max_length=40, blank=True)
    last_fetch_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["origin"]
        indexes = [
            # the claim: hosts with due work, best first
            models.Index(fields=["rank", "due_at"], condition=Q(due_at__isnull=False), name="host_claim"),
            models.Index(fields=["lease_owner"], condition=~Q(lease_owner=""), name="host_leased"),
        ]

    def __str__(self) -> str:
        return self.origin

    @property
    def robots_text(self) -> str:
        """robots.txt for people: read as UTF-8, as RFC 9309 section 2.3 says, even if it is not."""
        return self.robots_body.encode("latin-1").decode("utf-8", "replace")
