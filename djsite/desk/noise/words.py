"""The evidence for a block in words: how often it changed, and what tells it from content."""

from __future__ import annotations

from catalog.models import NoiseBlock
from djsite.desk.words import StateWords

State = NoiseBlock.State
_ENOUGH = 3  # signs of one kind

_STATES = {
    State.LEFT_OUT: StateWords("left out", "none", "Its changes make no version."),
    State.COUNTS: StateWords("counts", "good", "A person has said so; learning does not change that."),
    State.WATCHED: StateWords("counts", "idle", "It is watched."),
}


def state_of(block: NoiseBlock) -> StateWords:
    """The state as a label, a tone and a sentence."""
    return _STATES[State(block.state)]


def evidence_of(block: NoiseBlock) -> str:
    """How often it changed, in a sentence; of very many looks, of the last ones."""
    looks = f"{block.looks} look{'' if block.looks == 1 else 's'}"
    pages = f"{block.pages} page{'' if block.pages == 1 else 's'}"
    sentence = f"Changed on {block.changes} of {looks}, at {pages}"
    if block.alone:
        times = "once" if block.alone == 1 else f"{block.alone} times"
        sentence += f"; nothing else changed {times}"
    return f"{sentence}."


def reasons_of(block: NoiseBlock) -> list[str]:
    """What tells it from content, or why it is kept."""
    signs, changes = block.signs, block.changes
    told = [
        (signs.get("quick", 0) >= _ENOUGH, "It changed within minutes."),
        (signs.get("returned", 0) >= _ENOUGH, "What it had shown before came back."),
        (0 < changes == signs.get("machine"), "Only times, counters and tokens changed."),
        (len(signs.get("at_once", ())) > 1, "It changed on all pages at once."),
        (0 < changes <= 2 * signs.get("grown", 0), "Sentences were added to it: that is content."),
        (0 < changes <= 2 * signs.get("value", 0), "A value in it changed: that is content."),
    ]
    if kept := signs.get("kept"):
        told.append((True, f"Whatever it does it counts: {kept}."))
    return [text for true, text in told if true]
