"""What somebody may choose for an alert: conditions, places, collections and fields."""

from __future__ import annotations

from catalog.models import Alert, Seed
from djsite.desk.audit import AnyUser
from djsite.desk.read.records import collections_of
from pipelines.telling.alerts.conditions import (
    FOR_KEEPERS,
    KINDS,
    OF_COLLECTIONS,
    OF_FIELDS,
    OF_LIMITS,
    OF_SECOND_LOOKS,
    OF_SIZES,
    OF_WORDS,
)
from pipelines.telling.alerts.watchers import KEEPS_SEEDS
from pipelines.telling.filters import EventFilter

Condition = Alert.Condition
Choices = list[tuple[str, str]]

GROUPS: dict[str, tuple[Condition, ...]] = {
    "Fields": (
        *(Condition.FIELD_DOWN, Condition.FIELD_UP, Condition.FIELD_BELOW, Condition.FIELD_ABOVE),
        *(Condition.FIELD_CHANGED, Condition.FIELD_MATCHES),
    ),
    "Things": (Condition.RECORD_NEW, Condition.RECORD_GONE),
    "Pages": (Condition.PAGE_CHANGED, Condition.TEXT_APPEARS, Condition.TEXT_VANISHES),
    "Trouble": (
        *(Condition.RUN_FAILED, Condition.SLOT_MISSED, Condition.COVERAGE_FELL),
        *(Condition.HOST_BLOCKED, Condition.LOGIN_EXPIRED),
    ),
    "Anything": (Condition.ANYTHING,),
}
"""All conditions, as people look for them."""


def keeps_seeds(user: AnyUser) -> bool:
    """Whether somebody may change seeds, and so is told of what only they can mend."""
    return bool(getattr(user, "has_perm", None) and user.has_perm(KEEPS_SEEDS))  # type: ignore[union-attr]


def conditions(alert: Alert, user: AnyUser) -> list[tuple[str, Choices]]:
    """The conditions by group; those for keepers of seeds only if the alert's owner and the user are."""
    keeper = keeps_seeds(user) and (alert.owner is None or keeps_seeds(alert.owner))
    return [
        (group, [(str(each), str(each.label)) for each in members if keeper or not _is_for_keepers(each)])
        for group, members in GROUPS.items()
    ]


def _is_for_keepers(condition: str) -> bool:
    return set(KINDS[condition]) <= set(FOR_KEEPERS)


def seed_of(alert: Alert) -> Seed | None:
    """The seed whose fields are offered: the alert's, or the one that its kept view covers."""
    if alert.view is None:
        return alert.seed
    covered = EventFilter.of_query(alert.view.query).seed
    return Seed.objects.alive().filter(pk=covered).first() if covered else None


def collections(seed: Seed) -> Choices:
    """The collections of a seed, also those that its rules no longer have."""
    return [(name, name) for name in collections_of(seed)]


def fields(seed: Seed) -> Choices:
    """The fields of a seed; if it has several collections, each with those that have it."""
    collections = seed.policy().collections
    having: dict[str, list[str]] = {}
    for collection in collections:
        for field in collection.fields:
            having.setdefault(field.name, []).append(collection.name)
    if len(collections) == 1:
        return [(name, name) for name in having]
    return [(name, f"{name} ({', '.join(names)})") for name, names in having.items()]


def boxes_of(alert: Alert) -> set[str]:
    """The columns that are asked for beside those that every alert has; the others keep their defaults."""
    having = {
        "collection": OF_COLLECTIONS if alert.view is None else (),
        "field": OF_FIELDS,
        "least": OF_SIZES,
        "in_percent": OF_SIZES,
        "limit": OF_LIMITS,
        "text": OF_WORDS,
        "second_look": OF_SECOND_LOOKS,
    }
    return {box for box, conditions in having.items() if alert.condition in conditions}


def may_wait(alert: Alert) -> bool:
    """Whether a second look can confirm what it tells of."""
    return alert.condition in OF_SECOND_LOOKS
