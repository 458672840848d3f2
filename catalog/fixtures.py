"""Seeds from fixtures are checked as those of every other front: ``loaddata`` itself checks nothing."""

from __future__ import annotations

from typing import Any

from catalog.models import Seed


def check_fixture(instance: Seed, raw: bool, **_: Any) -> None:
    """Raise ValidationError, which stops ``loaddata`` as a whole, for a seed that cannot be used."""
    if raw and instance.deleted_at is None:
        instance.clean_fields()
        instance.clean()
