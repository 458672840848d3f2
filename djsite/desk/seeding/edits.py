"""Who changed which seed, and what: the site, the admin and the command line write it down here.

Only what differs is kept. Of headers only their names are, and of requests with a body only their addresses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from catalog.models import Seed
from catalog.models.access.edit import SeedEdit
from catalog.models.seed import written_names
from djsite.desk.audit import AnyUser

Kind = SeedEdit.Kind
SHOWN = 20  # of a seed, the newest
ALSO = ("enabled", "tags", "group_id", "inherits")  # that people decide, and that are no part of a crawl


class Author(NamedTuple):
    """Somebody who changes seeds, and by what means; nobody is known on the command line."""

    user: AnyUser | None = None
    means: str = ""  # site, admin, api or command
    bulk: str = ""  # of what is done to many seeds together

    @property
    def by(self) -> str:
        """The means; what is not said follows from whether there is a user."""
        return self.means or ("command" if self.user is None else "site")


def as_stored(seed: Seed) -> Seed:
    """The row of a seed as it is before a change; an empty one for a seed that is new."""
    return (Seed.objects.filter(pk=seed.pk).first() if seed.pk else None) or Seed()


def note(before: Seed, seed: Seed, author: Author, kind: Kind = Kind.CHANGED) -> None:
    """Write down what differs between a seed and its earlier row; nothing if nothing does.

    Call it in the transaction of the change, after the seed was saved.
    """
    names = [name for name in (*written_names(), *ALSO) if getattr(before, name) != getattr(seed, name)]
    if not names and kind == Kind.CHANGED:
        return
    user = author.user
    SeedEdit.objects.create(
        seed=seed,
        kind=kind,
        person_id=None if user is None else user.pk,
        means=author.by,
        bulk=author.bulk,
        before={} if kind == Kind.CREATED else {name: _kept(before, name) for name in names},
        after={name: _kept(seed, name) for name in names},
    )


def edits_of(seed: Seed) -> list[SeedEdit]:
    """The newest edits of a seed, with the people."""
    return list(seed.edits.select_related("person")[:SHOWN])


def differences(edit: SeedEdit) -> list[tuple[str, Any, Any]]:
    """Each setting that an edit changed: its name, its value before and after; None for a new seed."""
    before: Mapping[str, Any] = edit.before
    return [(name, before.get(name), value) for name, value in edit.after.items()]


def _kept(seed: Seed, name: str) -> Any:
    """A value of a seed as it may be kept: without secrets."""
    if name == "headers":
        return seed.header_names()
    if name == "requests":
        return [str(request.get("url", "")) for request in seed.requests]
    return getattr(seed, name)
