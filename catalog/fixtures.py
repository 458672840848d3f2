"""Seeds from fixtures are checked like those of the site: ``loaddata`` itself checks nothing."""

from __future__ import annotations

from typing import Any

from catalog.models import Seed


def check_fixture(instance: Seed, raw: bool, **_: Any) -> None:
    """Raise ValidationError, which stops ``loaddata`` as a whole, if a seed cannot be used."""
    if raw and instance.deleted_at is None:
        instance.clean_fields()
        instance.clean()
