"""Signs of life: rows that say which processes of ours live, and since when."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from catalog.models import Heartbeat

BEAT = "beat"


def lost_after() -> timedelta:
    """Without a sign of life for this long, a process counts as gone."""
    return timedelta(seconds=3 * settings.HEARTBEAT_SECONDS)


def is_alive(heart: Heartbeat, now: datetime) -> bool:
    """Whether a sign of life is young. One from the future says nothing: the clock was moved back since."""
    return abs(now - heart.seen_at) <= lost_after()


def beat(name: str, now: datetime, **info: object) -> None:
    """Write a sign of life; after a long silence the process counts as started again."""
    before = Heartbeat.objects.filter(name=name).first()
    is_new = before is None or not is_alive(before, now)
    Heartbeat.objects.update_or_create(
        name=name, defaults={"seen_at": now, "info": info, **({"started_at": now} if is_new else {})}
    )


def stop(name: str) -> None:
    """The process ends in good order."""
    Heartbeat.objects.filter(name=name).delete()


def gone(host: str, now: datetime) -> list[str]:
    """The nodes of a machine that count as gone; also those that an earlier release named otherwise."""
    hearts = Heartbeat.objects.filter(name__endswith=f"@{host}")
    return [heart.name for heart in hearts if not is_alive(heart, now)]


def forget(now: datetime) -> None:
    """Drop the rows of processes that have been gone for a day, by whatever clock."""
    day = timedelta(days=1)
    Heartbeat.objects.filter(Q(seen_at__lt=now - day) | Q(seen_at__gt=now + day)).delete()


def age(name: str, now: datetime) -> timedelta | None:
    """How long ago the last sign of life was; None when there was none."""
    heart = Heartbeat.objects.filter(name=name).first()
    return now - heart.seen_at if heart else None
