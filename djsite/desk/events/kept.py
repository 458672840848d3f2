"""Kept views: lists with a name. Whoever has the token of one reads its feed or rows, without a login."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog.models import Event, KeptView, Seed
from catalog.models.telling.alert import new_token
from djsite.desk.audit import AnyUser
from djsite.desk.data.listing import read_list
from djsite.desk.data.words import list_words
from djsite.desk.events.listing import EventList, tidy
from djsite.desk.events.words import filter_words

CHANGES, RECORDS, OF_SEED = "changes", "records", "seed"  # the route of the list that a view keeps
MOST = 100  # views that one account keeps
ENTRIES = 100  # of a feed
SLICES = 3  # that a feed is searched for, of keyset.SEARCHED events each
_UNCERTAIN = (Event.State.AWAITED, Event.State.WITHDRAWN)


class Refused(Exception):
    """A view is not kept, or not deleted; the text says why and what to do."""


def kept_views(page: str = CHANGES) -> QuerySet[KeptView]:
    """The views of a list that people kept by a name, with their owners."""
    return KeptView.objects.filter(page=page).select_related("owner").order_by("name", "pk")


def tidy_query(page: str, query: str) -> str:
    """The address of a list in one order, without what makes no sense in it."""
    return read_list(query, timezone.now())[0].query if page == RECORDS else tidy(query)


def words_of(view: KeptView) -> list[str]:
    """What a view shows, a half sentence for each part."""
    if view.page != RECORDS:
        return filter_words(view.query)
    wanted, _ = read_list(view.query, timezone.now())
    seed = Seed.objects.alive().filter(pk=wanted.seed or 0).first()
    return list_words(wanted, seed.name if seed is not None else "a seed that was deleted")


def may_change(user: AnyUser, view: KeptView) -> bool:
    """A view is changed by the one who kept it, and by staff."""
    return bool(getattr(user, "is_staff", False)) or (user.pk is not None and user.pk == view.owner_id)


def keep(user: AnyUser, name: str, query: str, page: str = CHANGES) -> KeptView:
    """Keep a list under a name.

    Raises:
        Refused: the account keeps as many as it may.
    """
    assert not isinstance(user, AnonymousUser), "every role has a login"
    if kept_views(page).filter(owner=user.pk).count() >= MOST:
        raise Refused(f"You keep {MOST} views, which is the most. Delete one that you no longer need.")
    return KeptView.objects.create(name=name, page=page, query=tidy_query(page, query), owner_id=user.pk)


def feed_of_seed(user: AnyUser, seed: Seed) -> KeptView:
    """The view of all that changes in a seed, made if nobody has made it yet."""
    with transaction.atomic():
        Seed.objects.select_for_update(no_key=True).get(pk=seed.pk)  # two at once make one view
        view = view_of_seed(seed)
        if view is None:
            query = tidy(f"seed={seed.pk}")
            view = KeptView.objects.create(name=seed.name[:100], page=OF_SEED, query=query, owner_id=user.pk)
    return view


def view_of_seed(seed: Seed) -> KeptView | None:
    """The view of all that changes in a seed, if somebody has made it."""
    return KeptView.objects.filter(page=OF_SEED, query=f"seed={seed.pk}").order_by("pk").first()


def rename(user: AnyUser, view: KeptView, name: str) -> None:
    """Give it another name. Raises PermissionDenied for somebody else's."""
    _check(user, view)
    view.name = name
    view.save(update_fields=["name"])


def renew_token(user: AnyUser, view: KeptView) -> None:
    """Give its feed or file another address; the old one is nothing from now on. Raises PermissionDenied."""
    _check(user, view)
    view.token = new_token()
    view.save(update_fields=["token"])


def delete(user: AnyUser, view: KeptView) -> None:
    """Delete it, and its feed.

    Raises:
        PermissionDenied: it is somebody else's.
        Refused: alerts use it, and would be deleted with it.
    """
    _check(user, view)
    alerts = list(view.alerts.values_list("name", flat=True)[:3])
    if alerts:
        raise Refused(f"Alerts use this view: {', '.join(alerts)}. Change or delete them first.")
    view.delete()


def _check(user: AnyUser, view: KeptView) -> None:
    if not may_change(user, view):
        raise PermissionDenied("Only who kept a view, and staff, change it.")


def view_by_token(token: str, pages: Collection[str] = (CHANGES, OF_SEED)) -> KeptView | None:
    """The view of one of these lists that has this token; None if there is none, or who kept it has left."""
    views = KeptView.objects.filter(page__in=pages).exclude(owner__is_active=False)
    return views.filter(token=token).first()


def entries_of(view: KeptView, now: datetime) -> list[Event]:
    """The events of a feed, newest first: not those that wait for a second look or that it withdrew."""
    wanted, cursor = EventList.of_query(view.query), ""
    events: list[Event] = []
    for _ in range(SLICES):
        part = wanted.part(now, cursor, ENTRIES)
        events += [each for each in part.rows if each.state not in _UNCERTAIN]
        cursor = part.following
        if len(events) >= ENTRIES or not cursor:
            break
    return sorted(events, key=lambda event: (event.at, event.pk), reverse=True)[:ENTRIES]
