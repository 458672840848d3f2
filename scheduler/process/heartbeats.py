"""Signs of life: rows that say which processes of ours live, and since when."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from catalog.models import Heartbeat

BEAT = "beat"


def lost_after() -> timedelta:
    """Without a sign of life for this long, a process counts as gone."""
    return timedelta(seconds=3 * settings.HEARTBEAT_SECONDS)


def beat(name: str, now: datetime, **info: object) -> None:
    """Write a sign of life; after a long silence the process counts as started again."""
    before = Heartbeat.objects.filter(name=name).first()
    is_new = before is None or before.seen_at < now - lost_after()
    Heartbeat.objects.update_or_create(
        name=name, defaults={"seen_at": now, "info": info, **({"started_at": now} if is_new else {})}
    )


def stop(name: str) -> None:
    """The process ends in good order."""
    Heartbeat.objects.filter(name=name).delete()


def gone(host: str, now: datetime) -> list[str]:
    """The nodes of a machine that count as gone; also those that an earlier release named otherwise."""
    late = Heartbeat.objects.filter(name__endswith=f"@{host}", seen_at__lt=now - lost_after())
    return list(late.values_list("name", flat=True))


def forget(now: datetime) -> None:
    """Drop the rows of processes that have been gone for a day."""
    Heartbeat.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()


def age(name: str, now: datetime) -> timedelta | None:
    """How long ago the last sign of life was; None when there was none."""
    heart = Heartbeat.objects.filter(name=name).first()
    return now - heart.seen_at if heart else None
