"""Outlets as a person writes them: what is wrong with one, and putting it in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from catalog.formats import COMPRESSIONS, ROW_FORMATS
from catalog.models import Export, Outlet, Shipment
from catalog.sealing import unseal_names
from crawler.seeds import cron
from pipelines.data.record_list import LATEST, RecordList
from pipelines.shipping.names import FILE_NAME, check_name
from pipelines.shipping.places import place_of
from pipelines.shipping.places.place import FILE
from pipelines.telling.kinds.kind import Problems, check_common

WRITTEN = (
    *("name", "enabled", "seed", "kind", "query", "share", "format", "compression", "place", "options"),
    *("secret", "keep", "after_runs", "cron", "time_zone", "obeys_promises", "owner", "due_at"),
)
"""What a person writes; the rest of a row is the workers'."""
ANEW = ("seed_id", "kind", "query", "share", "format", "compression", "place", "options")
"""What makes it another lot for another receiver: nothing is known there of what went before."""
CHANGED = "The outlet was changed before this had arrived. The next shipment has all of it."
QUERY = "query"


def secrets_of(outlet: Outlet) -> dict[str, str]:
    """The secrets of an outlet by name, for its workers only. Raises ``SealingError``."""
    return unseal_names(outlet.secret)


def check_outlet(outlet: Outlet, secret: Mapping[str, str], now: datetime) -> Problems:
    """What is wrong with an outlet, by the name of its column or of the setting of its place."""
    problems: Problems = {}
    if not outlet.name.strip():
        problems["name"] = "Give it a name."
    problems |= _check_what(outlet, now) | _check_when(outlet, now)
    try:
        place = place_of(outlet.place)
    except ValueError as error:
        return problems | {"place": str(error)}
    if place.TAKES == FILE:
        problems |= _check_file(outlet)
    return problems | check_common(outlet.options) | place.check(outlet.options, secret)


def _check_what(outlet: Outlet, now: datetime) -> Problems:
    wanted, wrong = RecordList.of_query(outlet.query, now)
    problems = {QUERY: wrong[0].sentence} if wrong else {}
    if outlet.kind == Export.Kind.PAGES and outlet.query:
        problems[QUERY] = "Filters are of records. Leave them out for pages."
    if wanted.view != LATEST or wanted.as_of is not None:
        problems[QUERY] = "An outlet sends data as they are now. Leave out view and as_of."
    if outlet.share == Outlet.Share.SINCE:
        problems |= _check_since(outlet, wanted)
    return problems


def _check_since(outlet: Outlet, wanted: RecordList) -> Problems:
    """Changes tell a filter's answers only as long as nothing but a change can change them."""
    asks_time = wanted.changed_since or any(each.asked == "changed_since" for each in wanted.conditions)
    if asks_time or wanted.text or wanted.gone:
        return {
            QUERY: "With changes only, a filter asks for fields of the record: leave out text, changed_since "
            "and gone, or send everything each time."
        }
    return {}


def _check_when(outlet: Outlet, now: datetime) -> Problems:
    try:
        cron.check_zone(outlet.time_zone)
    except ValueError as error:
        return {"time_zone": str(error)}
    try:
        if outlet.cron:
            cron.check(outlet.cron, outlet.time_zone)
    except ValueError as error:
        return {"cron": str(error)}
    return {}


def _check_file(outlet: Outlet) -> Problems:
    form = ROW_FORMATS.get(outlet.format)
    if form is None:
        return {"format": f"Give one of {', '.join(ROW_FORMATS)}."}
    if outlet.compression and (outlet.compression not in COMPRESSIONS or not form.compressible):
        return {"compression": f"{form.label} cannot be compressed so."}
    if wrong := check_name(outlet.options):
        return {FILE_NAME: wrong}
    if outlet.options.get(FILE_NAME) and outlet.share == Outlet.Share.SINCE:
        return {FILE_NAME: "Each file of changes has a name of its own. Leave it out."}
    return {}


@transaction.atomic
def put_in_force(outlet: Outlet, now: datetime) -> None:
    """Save an outlet as a person has written it, when :func:`check_outlet` finds nothing wrong.

    If it now sends something else, or to somewhere else, the next shipment has everything.
    """
    outlet.due_at = next_time(outlet, now)
    if outlet.pk is None:
        outlet.save()
        return
    known = Outlet.objects.select_for_update(no_key=True).get(pk=outlet.pk)
    outlet.save(update_fields=WRITTEN)
    if is_other(known, outlet):
        begin_anew(outlet, CHANGED)


def is_other(known: Outlet, outlet: Outlet) -> bool:
    """Whether what they send, or to where, differs. Addresses of web receivers are secrets."""
    if any(getattr(known, name) != getattr(outlet, name) for name in ANEW):
        return True
    return secrets_of(known).get("url") != secrets_of(outlet).get("url")


def begin_anew(outlet: Outlet, reason: str) -> None:
    """Forget what the receiver has: the next shipment has everything. The row must be locked."""
    made = outlet.shipments.filter(state__in=[Shipment.State.WAITING, Shipment.State.HELD]).exclude(key="")
    made.update(state=Shipment.State.GIVEN_UP, reason=reason, next_try_at=None)
    Outlet.objects.filter(pk=outlet.pk).update(cursor="")


def next_time(outlet: Outlet, now: datetime) -> datetime | None:
    """When it is due next by its cron line. Raises ValueError if that cannot be read."""
    if not outlet.cron or not outlet.enabled:
        return None
    return next(cron.times(outlet.cron, outlet.time_zone, now), None)


def pause(outlet: Outlet) -> None:
    """Send nothing until :func:`resume`. What is being sent now is sent to its end."""
    Outlet.objects.filter(pk=outlet.pk).update(enabled=False, due_at=None)


def resume(outlet: Outlet, now: datetime) -> None:
    """Send again; of the runs that ended meanwhile, the last one counts."""
    outlet.enabled = True
    Outlet.objects.filter(pk=outlet.pk).update(enabled=True, due_at=next_time(outlet, now))
