"""Alerts as words for people."""

from __future__ import annotations

from catalog.models import Alert, Message, Notice
from djsite.desk.words import WEEKDAYS, StateWords
from pipelines.telling.alerts.conditions import OF_FIELDS, OF_LIMITS, OF_SIZES, OF_WORDS
from pipelines.telling.alerts.past import Past

Condition, Rhythm = Alert.Condition, Alert.Rhythm


def condition_words(alert: Alert) -> str:
    """When an alert tells: ``price goes down by at least 10 % in Teas, products``."""
    words = str(Condition(alert.condition).label)
    if alert.condition in OF_FIELDS and alert.field:
        words = words.replace("a field", alert.field)
    if alert.condition in OF_LIMITS and alert.limit is not None:
        words = words.replace("a limit", number_words(alert.limit))
    if alert.condition in OF_WORDS:
        words = words.replace("a text", f"“{alert.text}”")
    if alert.condition in OF_SIZES and alert.least is not None:
        words += f" by at least {number_words(alert.least)}{' %' if alert.in_percent else ''}"
    return f"{words} in {place_words(alert)}"


def place_words(alert: Alert) -> str:
    """Where it looks: a kept view, a seed with its collection, or all seeds."""
    if alert.view is not None:
        return f"the view “{alert.view.name}”"
    place = alert.seed.name if alert.seed else "all seeds"
    return f"{place}, {alert.collection}" if alert.collection else place


def rhythm_words(alert: Alert) -> str:
    """``at once``, ``together, each day at 08:00 Europe/Berlin``."""
    words = str(Rhythm(alert.rhythm).label)
    if alert.rhythm == Rhythm.WEEKLY:
        words = f"together, each {WEEKDAYS[alert.rhythm_weekday or 0]}"
    if alert.rhythm in (Rhythm.DAILY, Rhythm.WEEKLY) and alert.rhythm_time:
        words += f" at {alert.rhythm_time:%H:%M} {alert.time_zone}"
    return words


def past_words(past: Past) -> str:
    """``It would have told you 3 times in the last 30 days.``"""
    if not past.count:
        return f"It would have told you nothing in the last {past.days} days."
    times = "once" if past.times == 1 else f"{past.times:,} times"
    things = "" if past.count == past.times else f", of {past.count:,} things"
    least = "" if past.whole else " at least"
    return f"It would have told you{least} {times} in the last {past.days} days{things}."


def notice_words(notice: Notice) -> StateWords:
    """How far a notice is."""
    message = notice.message
    if message is None:
        return StateWords("waits", "idle")
    return {
        Message.State.DELIVERED.value: StateWords("delivered", "good"),
        Message.State.GIVEN_UP.value: StateWords("given up", "bad"),
    }.get(message.state, StateWords("being sent" if not message.attempts else "is tried again", "run"))


def number_words(number: float) -> str:
    """A number with its thousands apart, and without zeros at its end."""
    return f"{number:,.12g}"
