"""The clock's entries: for each seed a one-shot RedBeat entry at its ``next_slot``. The rows are the truth.

An entry is an rrule with one occurrence, so that beat sends it once and never repeats it: a sent
entry keeps the score -1 until opening the slot replaces it with the next entry. We write it ourselves, never
with ``RedBeatSchedulerEntry.save()``, which moves due times.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar, cast

from celery.schedules import maybe_schedule
from redbeat import RedBeatSchedulerEntry
from redis.exceptions import ConnectionError, TimeoutError  # noqa: A004  redis-py's own

from catalog.models import Seed
from scheduler.app import app
from scheduler.queues import CONTROL
from scheduler.redis_server import CLOCK, attempt, client

logger = logging.getLogger(__name__)

PREFIX = "redbeat:"
SEEDS = "redbeat:seed:"
SCHEDULE = "redbeat::schedule"  # sorted set: key of the entry -> when it is due, -1 once sent
BROKEN = "redbeat::broken"  # set: malformed entries that beat removed, for the next reconcile to report
TASK = "open_slot"
_DAILY = 3  # dateutil's number; with one occurrence any frequency would do
_SENT = -1.0
AHEAD_SECONDS = 5.0  # by which beat's clock may be ahead of the database's
_META = json.dumps({"last_run_at": None})
_PIPELINE = 500  # entries in a round trip
_T = TypeVar("_T")


class Malformed(Exception):
    """An entry that beat cannot use; the message says why."""


def key_of(seed_id: int) -> str:
    """The Redis key of a seed's entry."""
    return f"{SEEDS}{seed_id}"


def definition(seed_id: int, slot: datetime) -> str:
    """A seed's entry as RedBeat reads it."""
    return json.dumps(
        {
            "name": f"seed:{seed_id}",
            "task": TASK,
            "args": [seed_id, slot.isoformat()],
            "kwargs": {},
            "options": {"queue": CONTROL, "priority": 0},
            "schedule": {
                "__type__": "rrule",
                "freq": _DAILY,
                "count": 1,
                "dtstart": int(slot.timestamp()),
                "dtstart_tz": 0,
            },
            "enabled": True,
        }
    )


def put(seed_id: int, slot: datetime | None) -> bool:
    """Write a seed's entry, or remove it when there is no slot. Never raises; False when Redis is away."""
    return put_all({seed_id: slot})


def put_all(slots: Mapping[int, datetime | None]) -> bool:
    """:func:`put` for many seeds."""
    return not slots or attempt(lambda: _write(slots))


def _write(slots: Mapping[int, datetime | None]) -> None:
    for part in _parts(slots.items()):
        with client(CLOCK).pipeline(transaction=True) as pipe:
            for seed_id, slot in part:
                key = key_of(seed_id)
                pipe.delete(key)
                if slot is None:
                    pipe.zrem(SCHEDULE, key)
                else:
                    pipe.hset(key, mapping={"definition": definition(seed_id, slot), "meta": _META})
                    pipe.zadd(SCHEDULE, {key: slot.timestamp()})
            pipe.execute()


@dataclass
class Reconciled:
    """What a reconcile changed, by key."""

    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)  # malformed: removed, and written again if needed

    def __bool__(self) -> bool:
        return bool(self.written or self.removed or self.broken)


def reconcile(now: datetime) -> Reconciled:
    """Make the clock's entries match the rows; leaves correct entries alone. Idempotent.

    Redis is read before the rows: an entry that is written meanwhile is at worst written twice. Raises
    ``redis.RedisError`` when the server is away.
    """
    stored = _StoredEntries.read()
    rows = Seed.objects.scheduled().exclude(next_slot=None).values_list("pk", "next_slot")
    slots = {pk: slot for pk, slot in rows.iterator() if slot}
    right = {pk for pk, slot in slots.items() if stored.holds(pk, slot, now)}
    right_keys = {key_of(pk) for pk in right}
    wrong = {pk: slot for pk, slot in slots.items() if pk not in right}
    gone = {key for key in stored.entries if stored.lacks(key)}
    broken = [key for key in sorted(stored.entries - right_keys - gone) if not stored.readable(key)]
    seed_keys = {key_of(pk) for pk in slots}
    orphans = [key for key in sorted(stored.entries - seed_keys) if key.startswith(SEEDS)]
    late = sorted(_own_too_late(stored.scores, now))
    _remove([*broken, *orphans, *sorted(gone), *late])
    _write(wrong)
    if broken:
        logger.error("malformed clock entries were removed: %s", ", ".join(broken))
    broken = sorted({*broken, *cast("list[str]", client(CLOCK).spop(BROKEN, 1000))})
    static = _restore_static(stored.scores.keys() - {*broken, *orphans, *gone, *late})
    return Reconciled([*map(key_of, wrong), *static], orphans, broken)


def scores_match(now: datetime) -> bool:
    """Whether beat has the entries that it should have, each with the score of its slot.

    It costs a quarter of :func:`reconcile`, and overlooks a wrong hash below a right score: beat removes
    that when it comes due, and then the score is gone too.
    """
    server = client(CLOCK)
    scores = dict(cast("list[tuple[str, float]]", server.zrange(SCHEDULE, 0, -1, withscores=True)))
    rows = Seed.objects.scheduled().exclude(next_slot=None).values_list("pk", "next_slot")
    due = {key_of(pk): slot.timestamp() for pk, slot in rows.iterator() if slot}
    own = {f"{PREFIX}{name}" for name in app.conf.beat_schedule}
    of_seeds = {key for key in scores if key.startswith(SEEDS)}
    if of_seeds != due.keys() or not own <= scores.keys() or server.exists(BROKEN):
        return False
    if _own_too_late(scores, now):
        return False
    late = now.timestamp()
    return all(scores[key] == at or (scores[key] == _SENT and at <= late) for key, at in due.items())


def _remove(keys: Iterable[str]) -> None:
    for part in _parts(keys):
        client(CLOCK).delete(*part)
        client(CLOCK).zrem(SCHEDULE, *part)


class _StoredEntries:
    """The entries in Redis, each with its hash and score."""

    def __init__(self, scores: dict[str, float], keys: Iterable[str]) -> None:
        self.scores = scores
        self.entries = {key for key in {*keys, *scores} if not key.startswith(f"{PREFIX}:")}
        self._hashes: dict[str, Any] = {}
        for part in _parts(sorted(self.entries)):
            with client(CLOCK).pipeline(transaction=False) as pipe:
                for key in part:
                    pipe.hmget(key, ["definition", "meta"])
                self._hashes.update(zip(part, pipe.execute(raise_on_error=False), strict=True))

    @classmethod
    def read(cls) -> _StoredEntries:
        server = client(CLOCK)
        scores = cast("list[tuple[str, float]]", server.zrange(SCHEDULE, 0, -1, withscores=True))
        return cls(dict(scores), server.scan_iter(f"{PREFIX}*", count=1000))

    def holds(self, seed_id: int, slot: datetime, now: datetime) -> bool:
        """Whether the seed's entry is right: waiting for this slot, or sent when it was due."""
        key = key_of(seed_id)
        raw, meta = self._hashes.get(key) or (None, None)
        if raw != definition(seed_id, slot) or not (meta == _META or self.readable(key)):
            return False
        score = self.scores.get(key)
        return score == slot.timestamp() or (score == _SENT and slot <= now)

    def lacks(self, key: str) -> bool:
        """Whether a key has no definition (any more): Redis was emptied while we read it, or beat was killed.

        When an entry vanishes while beat works on it, beat writes back only the time at which it last ran.
        """
        hashed = self._hashes[key]
        return isinstance(hashed, list) and hashed[0] is None

    def readable(self, key: str) -> bool:
        """Whether beat can make an entry of the hash and ask it for its due time."""
        try:
            sound_entry(key, lambda: self._entry(key))
        except Malformed:
            return False
        return True

    def _entry(self, key: str) -> RedBeatSchedulerEntry:
        raw, meta = self._hashes[key]
        fields: dict[str, Any] = RedBeatSchedulerEntry.decode_definition(raw)
        fields.update(RedBeatSchedulerEntry.decode_meta(meta))
        return RedBeatSchedulerEntry(app=app, **fields)


def sound_entry(key: str, read: Callable[[], RedBeatSchedulerEntry]) -> RedBeatSchedulerEntry:
    """The entry that ``read`` makes, if beat can tell when it is due and what to send.

    Raises :class:`Malformed` if not, KeyError when there is no such entry, and redis-py's ConnectionError and
    TimeoutError.
    """
    try:
        entry = read()
        entry.is_due()
    except (ConnectionError, TimeoutError):
        raise
    except Exception as error:  # Redis may hold anything, which may raise anything, and beat would end
        if isinstance(error, KeyError) and error.args == (key,):  # RedBeat: there is no such entry
            raise
        raise Malformed(repr(error)) from error
    if entry.key != key or not isinstance(entry.task, str):
        raise Malformed(f"it is named {entry.name!r} and sends {entry.task!r}")
    return entry


def _own_too_late(scores: Mapping[str, float], now: datetime) -> set[str]:
    """Beat's own entries that are due later than one interval from now: the clock was moved back."""
    latest = {f"{PREFIX}{name}": entry["schedule"] for name, entry in app.conf.beat_schedule.items()}
    return {
        key
        for key, seconds in latest.items()
        if scores.get(key, _SENT) > now.timestamp() + seconds + AHEAD_SECONDS
    }


def _restore_static(present: set[str]) -> list[str]:
    """Write those of beat's own entries (``beat_schedule``) that are missing; returns their keys."""
    missing = [name for name in app.conf.beat_schedule if f"{PREFIX}{name}" not in present]
    for name in missing:
        fields = dict(app.conf.beat_schedule[name])
        fields["schedule"] = maybe_schedule(fields["schedule"])
        RedBeatSchedulerEntry(name=name, app=app, **fields).save()
    return [f"{PREFIX}{name}" for name in missing]


def _parts(items: Iterable[_T]) -> Iterator[list[_T]]:
    iterator = iter(items)
    while part := list(islice(iterator, _PIPELINE)):
        yield part
