"""Overruling a verdict: a line of the seed's ``accept``, with the one who wrote it in the seed's history."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from catalog.models import Seed, Visit
from crawler.rules.overruled import Overruled
from crawler.seeds import checks
from djsite.desk import audit
from djsite.desk.audit import AnyUser
from djsite.desk.seeding import edits
from djsite.desk.seeding.edits import Author
from djsite.desk.steering.leaving_out import folder_of

PAGE, FOLDER, SEED = "page", "folder", "seed"
PLACES = (PAGE, FOLDER, SEED)
"""Where a verdict can be overruled by a click; other patterns are written into the seed's form."""


@dataclass(frozen=True)
class Overruling:
    """A line of ``accept`` that covers a page, and who wrote it when; nobody, if the seed's form was used."""

    line: str
    seed_id: int
    by: str = ""
    at: datetime | None = None


def choices(visit: Visit) -> list[tuple[str, str]]:
    """The places for a visit's verdict, in words."""
    return [
        (PAGE, "for this page"),
        (FOLDER, f"for {folder_of(visit.url)}*"),
        (SEED, "for all pages of the seed"),
    ]


def line_for(visit: Visit, place: str) -> str:
    """The line that overrules a visit's verdict there. A URL, as a pattern, stands for itself.

    Raises ValueError, with a sentence for people, if the pattern would be too long.
    """
    patterns = {PAGE: f" {visit.url}", FOLDER: f" {folder_of(visit.url)}*", SEED: ""}
    return checks.overruled(f"{visit.reason}{patterns[place]}")


def overrule(seed: Seed, line: str, user: AnyUser) -> bool:
    """Add a line to what the seed accepts; False if it is there."""
    return _change(seed, line, user, _overruled(line), lambda lines: [*lines, line])


def take_back(seed: Seed, line: str, user: AnyUser) -> bool:
    """Remove a line from what the seed accepts; False if it is not there. Stored versions stay."""
    return _change(
        seed,
        line,
        user,
        f"Verdict counts again: {line}",
        lambda lines: [each for each in lines if each != line],
    )


def standing(seed: Seed, urls: Iterable[str], kind: str = "") -> list[Overruling]:
    """What overrules a verdict, or any, on one of these URLs."""
    addresses = list(urls)
    return [
        _with_author(seed, line)
        for line in seed.accept.splitlines()
        if (word := line.partition(" ")[0])
        and kind in ("", word)
        and any(Overruled([line]).covers(word, url) for url in addresses)
    ]


@transaction.atomic
def _change(
    seed: Seed, line: str, user: AnyUser, text: str, change: Callable[[list[str]], list[str]]
) -> bool:
    locked = Seed.objects.select_for_update().get(pk=seed.pk)
    before = locked.accept.splitlines()
    after = list(dict.fromkeys(change(before)))
    if before == after:
        return False
    earlier = edits.as_stored(locked)
    locked.accept = seed.accept = "\n".join(after)  # a run that begins now takes it from ``seed``
    locked.save(update_fields=["accept", "updated_at"])
    edits.note(earlier, locked, Author(user))
    audit.note(user, [locked], text)
    return True


def _overruled(line: str) -> str:
    return f"Verdict is overruled: {line}"


def _with_author(seed: Seed, line: str) -> Overruling:
    entry = audit.last_note(seed, _overruled(line))
    return (
        Overruling(line, seed.pk, str(entry.user), entry.action_time) if entry else Overruling(line, seed.pk)
    )
