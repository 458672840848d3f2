"""Answers with a verdict are kept beside the content, as long as their visits."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0013_readings_of_rereadings")]

    operations = [
        migrations.CreateModel(
            name="JudgedAnswer",
            fields=[
                (
                    "visit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="judged",
                        serialize=False,
                        to="catalog.visit",
                    ),
                ),
                ("offset", models.PositiveBigIntegerField()),
                ("length", models.PositiveIntegerField()),
                ("encoding", models.CharField(blank=True, max_length=40)),
                ("size", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64)),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="judged_answers",
                        to="catalog.batch",
                    ),
                ),
            ],
        ),
    ]
