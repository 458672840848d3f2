"""The alerts that there are, what they have told, and what they would have told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from catalog.models import Alert, Channel, Event, Notice
from djsite.desk.alerts.words import notice_words, past_words
from djsite.desk.words import StateWords
from pipelines.telling.alerts.past import would_have_told
from pipelines.telling.content import link_of
from pipelines.telling.words import sentence


@dataclass(frozen=True)
class LogLine:
    """Something that an alert tells, or would have told."""

    event: Event
    sentence: str
    link: str  # of the site's page about it
    notice: Notice | None = None
    state: StateWords | None = None  # of the notice


@dataclass(frozen=True)
class Trial:
    """An alert on the past."""

    sentence: str
    whole: bool
    examples: list[LogLine]


def list_alerts() -> QuerySet[Alert]:
    """All alerts, of seeds that are there, with what is said of them."""
    alerts = Alert.objects.filter(Q(seed=None) | Q(seed__deleted_at=None))
    return alerts.select_related("seed", "view", "owner").prefetch_related("channels")


def has_channels() -> bool:
    """Whether there is a way at all by which somebody can be told."""
    return Channel.objects.exists()


def notices_of(alert: Alert) -> QuerySet[Notice]:
    """What an alert has told, or will tell."""
    return alert.notices.select_related("event__seed", "channel", "message")


def log_line(notice: Notice) -> LogLine:
    """A notice in words."""
    event = notice.event
    return LogLine(event, sentence(event), link_of(event), notice, notice_words(notice))


def try_on_past(alert: Alert, now: datetime) -> Trial:
    """What an alert, saved or not, would have told."""
    past = would_have_told(alert, now)
    examples = [LogLine(event, sentence(event), link_of(event)) for event in past.examples]
    return Trial(past_words(past), past.whole, examples)
