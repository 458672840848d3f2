"""The index of words. It is filled by a chore, so nothing is read here; its tables are no models."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from django.db import migrations

from catalog.search import postgresql, sqlite

IMPLEMENTATIONS: dict[str, ModuleType] = {"postgresql": postgresql, "sqlite": sqlite}


def create(apps: Any, schema_editor: Any) -> None:
    """Make the tables, empty."""
    for statement in IMPLEMENTATIONS[schema_editor.connection.vendor].CREATE:
        schema_editor.execute(statement)


def drop(apps: Any, schema_editor: Any) -> None:
    """The way back."""
    for statement in IMPLEMENTATIONS[schema_editor.connection.vendor].DROP:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0018_export_kinds")]

    operations = [migrations.RunPython(create, drop)]
