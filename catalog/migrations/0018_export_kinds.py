"""Exports of versions, of changes and of raw answers."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0017_outlets")]

    operations = [
        migrations.AlterField(
            model_name="export",
            name="kind",
            field=models.CharField(
                choices=[
                    ("records", "latest values"),
                    ("versions", "values over time"),
                    ("changes", "changes"),
                    ("pages", "pages"),
                    ("raw", "raw answers"),
                ],
                max_length=20,
            ),
        ),
    ]
