"""Channels by which people are told: whether they work, and whether anybody sends."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from catalog.models import Channel
from pipelines import work_leases
from scheduler.checks.findings import EXAMPLES, CheckOptions, Finding, Findings
from scheduler.checks.processes import late_after

FAILING_AFTER = 120.0  # seconds: what fails for less may be over at the next attempt


def failing(options: CheckOptions) -> Findings:
    """Channels whose attempts fail: nobody hears by them, and only a person can mend it."""
    since = options.now - timedelta(seconds=FAILING_AFTER * settings.TIME_SCALE)
    channels = Channel.objects.filter(enabled=True, failing_since__lte=since).order_by("failing_since")
    if number := channels.count():
        yield Finding(
            "channels-failing",
            f"Channels that cannot be reached, so nobody is told by them: {number}.",
            "Their pages say what was answered. Messages wait until a channel works again.",
            examples=[f"{channel.name}: {channel.last_error}" for channel in channels[:EXAMPLES]],
        )


def waiting(options: CheckOptions) -> Findings:
    """Channels that no worker takes although they have something to send."""
    due = Channel.objects.filter(due_at__lt=options.now - late_after(), enabled=True)
    due = due.exclude(work_leases.held(options.now), lease_until__isnull=False)
    if number := due.count():
        yield Finding(
            "channels-waiting",
            f"Channels with something to send that no worker takes: {number}.",
            "Look at the workers that fetch: they deliver too.",
            options.late_level,
            [channel.name for channel in due[:EXAMPLES]],
        )
