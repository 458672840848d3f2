"""Outlets and shipments for people: what goes where and when, how that fares, in words."""

from __future__ import annotations

from datetime import datetime
from itertools import islice

from django.utils import timezone

from catalog.formats import COMPRESSIONS, FORMATS
from catalog.models import Export, Outlet, Shipment
from crawler.seeds import cron
from djsite.desk.data.listing import read_list
from djsite.desk.data.words import list_words
from djsite.desk.words import StateWords, ago, rough_span

NEXT = 5
SHARES = {
    Outlet.Share.WHOLE: "all of it, each time",
    Outlet.Share.SINCE: "what is new, changed or gone since last time",
}


def what_words(outlet: Outlet) -> str:
    """What goes: the name of the seed, pages or records, and what narrows them."""
    kind = "pages" if outlet.kind == Export.Kind.PAGES else "records"
    narrowed = list_words(read_list(outlet.query, timezone.now())[0], "") if outlet.query else []
    return ", ".join([f"{kind.capitalize()} of {outlet.seed.name}", *narrowed])


def form_words(outlet: Outlet) -> str:
    """In which form it goes: ``Excel workbook``; ``rows`` where no file is made."""
    if outlet.format not in FORMATS:
        return outlet.format or "rows"
    compressed = COMPRESSIONS.get(outlet.compression)
    return f"{FORMATS[outlet.format].label}{f', {compressed.label}' if compressed else ''}"


def when_words(outlet: Outlet) -> str:
    """When it goes, as half a sentence."""
    parts = ["after each finished run"] if outlet.after_runs else []
    if outlet.cron:
        parts.append(_times_words(outlet))
    return ", and ".join(parts) or "when somebody asks for it"


def _times_words(outlet: Outlet) -> str:
    try:
        return f"{cron.describe(outlet.cron)}, {outlet.time_zone}"
    except ValueError as error:
        return f"at times that cannot be read: {error}"


def cron_mistake(outlet: Outlet) -> str:
    """What is wrong with its times; empty if nothing is."""
    try:
        if outlet.cron:
            cron.check(outlet.cron, outlet.time_zone)
    except ValueError as error:
        return str(error)
    return ""


def next_times(outlet: Outlet, now: datetime, most: int = NEXT) -> list[datetime]:
    """When it goes next by its times of day; none while it is paused or where the times cannot be read."""
    if not outlet.enabled or not outlet.cron:
        return []
    try:
        return list(islice(cron.times(outlet.cron, outlet.time_zone, now), most))
    except ValueError:
        return []


def state_of(outlet: Outlet) -> StateWords:
    """How an outlet of :func:`djsite.desk.outlets.reading.list_outlets` fares."""
    turn, reason = vars(outlet)["turn"], vars(outlet)["turn_reason"]
    if not outlet.enabled:
        return StateWords("paused", "idle", "Nothing goes until somebody lets it go on.")
    if turn == Shipment.State.HELD:
        return StateWords("held", "warn", reason)
    if outlet.failing_since:
        since = rough_span((timezone.now() - outlet.failing_since).total_seconds())
        return StateWords("failing", "bad", f"For {since}: {outlet.last_error}")
    if turn == Shipment.State.WAITING:
        return StateWords("on its way", "run")
    if outlet.last_arrived_at:
        return StateWords("works", "good", f"The last data arrived {ago(outlet.last_arrived_at)}.")
    return StateWords("not used yet", "none", "Nothing was sent yet. Test the place, or send now.")


def shipment_state(shipment: Shipment) -> StateWords:
    """How a shipment fares."""
    match shipment.state:
        case Shipment.State.ARRIVED:
            return StateWords("arrived", "good", shipment.answer)
        case Shipment.State.GIVEN_UP:
            return StateWords("given up", "bad", shipment.reason)
        case Shipment.State.HELD:
            return StateWords("held", "warn", shipment.reason)
    if not shipment.attempts:
        return StateWords("waiting", "run")
    words, again = "It is tried soon.", shipment.next_try_at
    if again is not None and again > timezone.now():
        words = f"Next try {ago(again)}."
    return StateWords("will be tried again", "warn", f"{shipment.reason} {words}".strip())


def cause_words(shipment: Shipment) -> str:
    """Why it went, as half a sentence."""
    if shipment.cause == Shipment.Cause.RUN:
        return f"after run {shipment.run_id}" if shipment.run_id else "after a run"
    if shipment.cause == Shipment.Cause.TIME:
        return "at its time"
    return f"sent by {shipment.asked_by.get_username()}" if shipment.asked_by else "sent by hand"
