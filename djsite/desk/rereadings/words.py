"""Rereadings in words: what is read, and how far it is."""

from __future__ import annotations

from catalog.models import Rereading
from djsite.desk.words import StateWords

State = Rereading.State

_STATES = {
    State.WAITING: StateWords("begins", "run", "The stored pages are being counted."),
    State.READING: StateWords(
        "being read", "run", "Your values stay as they are: you see first what would change."
    ),
    State.COMPARED: StateWords(
        "waits for you", "next", "Nothing has changed yet. All of it is used or dropped, as a whole."
    ),
    State.PROMOTING: StateWords("being used", "run", "The values are being put in place."),
    State.PROMOTED: StateWords("used", "good", "These values are in use."),
    State.DROPPED: StateWords("dropped", "none", "The values stayed as they were."),
}
_COMPARING = StateWords(
    "being compared", "run", "All is read, and is now compared with the values that you have."
)
_TIDYING = "What was kept for comparing is being deleted."


def words_of(rereading: Rereading, *, comparing: bool = False) -> StateWords:
    """The state as a label, a tone and a sentence."""
    words = _COMPARING if comparing else _STATES[State(rereading.state)]
    if rereading.finished_at is None and rereading.state in (State.PROMOTED, State.DROPPED):
        return StateWords(words.label, words.tone, f"{words.sentence} {_TIDYING}")
    return words


def what_of(rereading: Rereading) -> str:
    """Which pages, by which rules: the end of a sentence."""
    versions = f"since {rereading.since:%Y-%m-%d}" if rereading.since else "all versions"
    collection = f", only {rereading.collection}" if rereading.collection else ""
    return f"{versions}{collection}, by rule set {rereading.rule_set.number}"
