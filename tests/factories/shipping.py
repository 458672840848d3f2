"""Sending what outlets have in the process of a test, and the folders that they write to."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from catalog.clock import db_now
from catalog.models import Outlet
from pipelines import shipping
from pipelines.shipping.places.folder import FOLDER


def ship(outlet: Outlet) -> None:
    """Make and send the next shipment, as workers do."""
    shipping.make_shipment(outlet.pk, db_now())
    shipping.send_shipments(outlet.pk, db_now())


def arrived(folder: str = "shop") -> list[Path]:
    """The files in a folder that outlets write to, by name."""
    path = Path(settings.DATA_DIR, FOLDER, folder)
    return sorted(path.iterdir()) if path.exists() else []
