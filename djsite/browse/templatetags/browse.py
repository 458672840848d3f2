"""Tags and filters of the site's templates: times, sizes, icons, small charts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from catalog.models import Page, Run, Seed
from crawler.lanes import Lane, lane_of
from crawler.outcomes import Outcome
from crawler.reading.record import is_money
from crawler.value_words import money_words
from crawler.value_words import value_words as words_of_value
from djsite.browse import charts
from djsite.browse.icons import PATHS
from djsite.desk import schedules, words
from djsite.desk.data.columns import name_of
from djsite.desk.data.listing import ShownRecord
from djsite.desk.hosts.words import seconds
from djsite.desk.seeding.standstill import standstill
from djsite.desk.shown import LINE, shown
from djsite.desk.slots.account import Entry

register = template.Library()
register.filter("schedule", schedules.describe)
register.filter("span", words.span)
register.filter("reason_words", words.reason_words)
register.filter("is_verdict", words.is_verdict)
register.filter("delay", seconds)
register.simple_tag(standstill, name="standing_still")


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of :data:`djsite.browse.icons.PATHS`, the size of the text beside it."""
    return format_html(
        '<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="{}"/></svg>', PATHS[name]
    )


@register.filter
def ago(when: datetime | None) -> str:
    """A moment seen from now, with the exact time as its title."""
    return _time(when, words.ago(when)) if when else "–"


@register.filter
def clock(when: datetime | None, zone: str = "UTC") -> str:
    """A moment as the clock of a time zone shows it: ``Tue 10 Mar 2026, 13:00``, seconds if there are any."""
    if when is None:
        return "–"
    return _time(when, f"{when.astimezone(ZoneInfo(zone)):%a %-d %b %Y, %H:%M{':%S' if when.second else ''}}")


@register.filter
def wall(when: datetime, zone: str) -> SafeString:
    """The time of day in a zone; where the clock shows it twice, with the zone's abbreviation."""
    local = when.astimezone(ZoneInfo(zone))
    twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    return _time(when, f"{local:%H:%M{':%S' if local.second else ''}}{f' {local:%Z}' if twice else ''}")


@register.simple_tag
def slot_times(entries: Iterable[Entry], zone: str) -> SafeString:
    """The times of slots with commas between them; each leads to its run, if it has one."""
    return format_html_join(", ", "{}", ((_slot_time(entry, zone),) for entry in entries))


def _slot_time(entry: Entry, zone: str) -> SafeString:
    text = wall(entry.slot, zone)
    return format_html('<a href="{}">{}</a>', reverse("run", args=[entry.run]), text) if entry.run else text


@register.filter
def local_date(when: datetime, zone: str) -> str:
    """The day of a moment in a zone, as addresses of the calendar have it."""
    return when.astimezone(ZoneInfo(zone)).date().isoformat()


@register.filter
def exact(when: datetime | None) -> str:
    """A moment to the second: in UTC, and in the reader's zone where scripts run (``times.js``)."""
    return local_time(when, "second") if when else "–"


@register.filter
def local_time(when: datetime, form: str) -> SafeString:
    """A moment as a ``second`` or as the ``minute`` of its day, in UTC and with that word. ``times.js`` turns
    it into the reader's zone; the title keeps UTC."""
    text = f"{when:{_FORMS[form]}}"
    return format_html(
        '<time datetime="{}" title="{}" data-local="{}">{} UTC</time>',
        when.isoformat(),
        _title(when),
        form,
        text,
    )


_FORMS = {"second": "%Y-%m-%d %H:%M:%S", "minute": "%H:%M"}


def _time(when: datetime, text: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', when.isoformat(), _title(when), text)


def _title(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S} UTC"


@register.filter
def size(count: int | None) -> str:
    """Bytes in the largest fitting unit."""
    value = float(count or 0)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


@register.filter
def number(count: int | None) -> str:
    """A number with its thousands apart: ``12 345``, in thin no-break spaces."""
    return f"{count or 0:,}".replace(",", "\u202f")


@register.filter
def rate(per_second: float) -> str:
    """So many a second: whole ones, and small numbers to a tenth."""
    return number(round(per_second)) if per_second >= 10 else f"{per_second:.1f}"


@register.filter
def lane(rank: int) -> str:
    """The lane that a rank belongs to."""
    return lane_of(rank).label


@register.filter
def lane_words(rank: int) -> str:
    """How a run stands to others, for people; nothing for most, which stand in line."""
    return turn_words(lane_of(rank))


@register.filter
def turn_words(value: int) -> str:
    """The same for the number of a lane."""
    return {Lane.URGENT: "before all others", Lane.BULK: "after all others"}.get(Lane(value), "")


@register.filter
def lane_label(value: int) -> str:
    """The name of a lane by its number."""
    return Lane(value).label


@register.filter
def outcome(value: int | None) -> str:
    """The name of an outcome by its number; visits without one are waiting."""
    return Outcome(value).label if value else "waiting"


@register.filter
def host(url: str) -> str:
    """The host and port of a URL."""
    return url.partition("://")[2].partition("/")[0] or url


@register.filter
def origin(full: str) -> str:
    """An origin as people write it: without the port that its scheme has anyway."""
    return full.removesuffix(":443" if full.startswith("https:") else ":80")


@register.filter
def first_host(seed: Seed) -> str:
    """Where a seed starts: its first host, and how many start URLs more."""
    lines = seed.start_urls.split()
    return f"{host(lines[0])} +{len(lines) - 1}" if len(lines) > 1 else host(lines[0]) if lines else ""


@register.filter
def lasted(run: Run) -> str:
    """How long a run took, or has been going."""
    if run.started_at is None:
        return "–"
    return words.span(((run.finished_at or timezone.now()) - run.started_at).total_seconds())


@register.filter
def pace(run: Run) -> str:
    """Pages a minute since the run began."""
    seconds = ((run.finished_at or timezone.now()) - run.started_at).total_seconds() if run.started_at else 0
    return number(round(run.done * 60 / seconds)) if seconds >= 1 else "–"


@register.inclusion_tag("browse/parts/outcome_bar.html")
def outcome_bar(run: Run) -> dict[str, Any]:
    """How a run's visits ended, as one bar with a label for those who cannot see it."""
    segments = charts.outcome_segments(run)
    return {"segments": segments, "words": ", ".join(part.words for part in segments) or "nothing yet"}


@register.inclusion_tag("browse/parts/run_strip.html")
def run_strip(runs: Iterable[Run], slots: int = 30) -> dict[str, Any]:
    """A seed's last runs, oldest first, one bar each."""
    bars = charts.run_bars(list(runs), slots)
    vacant = [place * charts.STEP for place in range(slots - len(bars))]
    return {"bars": bars, "vacant": vacant, "width": slots * charts.STEP}


@register.inclusion_tag("browse/parts/look_strip.html")
def look_strip(page: Page) -> dict[str, Any]:
    """A page's last looks, oldest first, one bar each."""
    bars = charts.look_bars(page.last_looks)
    words = "; ".join(bar.words for bar in bars)
    return {"bars": bars, "words": words, "width": len(bars) * charts.STEP, "height": charts.HEIGHT}


@register.inclusion_tag("browse/parts/state.html")
def run_state(run: Run) -> dict[str, Any]:
    """A run's state as a dot and a word; finished ones say how they went."""
    state = charts.words_of(run)
    return {"label": state.label, "tone": state.tone, "run": run}


@register.filter
def section(url_name: str | None) -> str:
    """The entry of the navigation for a URL's name: ``run-live`` and ``runs`` belong to ``run``."""
    name = (url_name or "").partition("-")[0].removesuffix("s")
    return {"version": "page", "kept": "change", "message": "channel", "shipment": "outlet"}.get(name, name)


@register.filter
def is_web(url: str) -> bool:
    """Whether a URL may be a link: only http and https ever are."""
    return url.startswith(("http://", "https://"))


@register.filter
def path(url: str) -> str:
    """A URL without its scheme and host."""
    return "/" + url.partition("://")[2].partition("/")[2]


@register.filter
def field_value(value: Any, most: int = 300) -> str:
    """A field's value, of which at most so many characters are shown; None is a rule that matched nothing."""
    if value is None:
        return format_html('<span class="null">{}</span>', "no match")
    return shown(money_words(value) if is_money(value) else words_of_value(value), most)


@register.filter("shown")
def shown_text(value: object, most: int = LINE) -> str:
    """A text of other people, cut to so many characters."""
    return "" if value is None else shown(str(value), most)


@register.filter
def lines_shown(text: str) -> str:
    """Lines of a source, each cut."""
    return "\n".join(shown(line) for line in text.split("\n"))


@register.filter
def value_words(value: object) -> str:
    """A value of a record in words; nothing for None."""
    return "" if value is None else words_of_value(value)


@register.filter
def cells(record: ShownRecord, names: Iterable[str]) -> list[tuple[str, Any, datetime | None]]:
    """The columns of a table with the values of a record, and since when each is held if it is."""
    return [(name, record.values.get(name, ""), record.held.get(name)) for name in names]


@register.filter
def thing_name(record: ShownRecord) -> str:
    """What people call a record, as lists of changes do: its name or title, else its key."""
    return name_of(record)


@register.filter
def alive(processes: Iterable[dict[str, Any]]) -> int:
    """How many of the processes of a health report give signs of life."""
    return sum(bool(process["alive"]) for process in processes)
