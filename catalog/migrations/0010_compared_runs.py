"""Runs say whether they were compared with what was there before; those of earlier releases never will be."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models


def leave_earlier_runs(apps: Any, schema_editor: Any) -> None:
    """What earlier releases kept does not say whether a run was complete."""
    apps.get_model("catalog", "Run").objects.filter(state="finished").update(compared=False)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0009_records_of_readings"),
    ]

    operations = [
        migrations.AddField("run", "compared", models.BooleanField(null=True)),
        migrations.RunPython(leave_earlier_runs, migrations.RunPython.noop),
        migrations.AddIndex(
            "run",
            models.Index(
                fields=["id"], condition=models.Q(state="finished", compared=None), name="run_to_compare"
            ),
        ),
    ]
