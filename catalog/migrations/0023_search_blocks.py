"""The index of words in PostgreSQL knows in which blocks of ids a page is: what it has is written anew."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def write_anew(apps: Any, schema_editor: Any) -> None:
    """Have the chore begin again."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DELETE FROM catalog_indexedpage")
        apps.get_model("catalog", "Chore").objects.filter(name="search").delete()


class Migration(migrations.Migration):
    dependencies = [("catalog", "0022_accepted_and_groups")]

    operations = [migrations.RunPython(write_anew, migrations.RunPython.noop)]
