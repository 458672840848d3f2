"""Stored versions that are read again: what was asked for, its parts, what they have read."""

from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0011_coverage"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Rereading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField(blank=True, null=True)),
                ("collection", models.CharField(blank=True, max_length=100)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("reading", "reading"),
                            ("compared", "compared"),
                            ("promoting", "promoting"),
                            ("promoted", "promoted"),
                            ("dropped", "dropped"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("last_snapshot", models.BigIntegerField(default=0)),
                ("pages_after", models.BigIntegerField(default=0)),
                ("total", models.PositiveBigIntegerField(default=0)),
                ("difference", models.JSONField(blank=True, default=dict)),
                ("change_set", models.BigIntegerField(null=True)),
                ("error", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("lease_token", models.CharField(blank=True, max_length=32)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("place", models.JSONField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rule_set",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.ruleset",
                    ),
                ),
                (
                    "seed",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rereadings",
                        to="catalog.seed",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="RereadingPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("after", models.BigIntegerField()),
                ("last", models.BigIntegerField()),
                ("done", models.BooleanField(default=False)),
                ("read", models.PositiveIntegerField(default=0)),
                ("unread", models.JSONField(default=list)),
                ("lease_token", models.CharField(blank=True, max_length=32)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("suspect", models.BigIntegerField(null=True)),
                ("quarantined", models.JSONField(default=list)),
                (
                    "rereading",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="catalog.rereading",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Sighting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("collection", models.CharField(max_length=100)),
                ("key_hash", models.BigIntegerField()),
                ("snapshot", models.BigIntegerField()),
                ("page", models.BigIntegerField()),
                ("position", models.PositiveIntegerField()),
                ("key", models.JSONField(default=list)),
                ("values", models.JSONField(default=dict)),
                ("problems", models.JSONField(default=dict)),
                (
                    "rereading",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sightings",
                        to="catalog.rereading",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="rereading",
            constraint=models.UniqueConstraint(
                condition=models.Q(("finished_at", None)), fields=("seed",), name="rereading_one_at_a_time"
            ),
        ),
        migrations.AddIndex(
            model_name="rereadingpart",
            index=models.Index(fields=["rereading", "done", "id"], name="rereading_part_open"),
        ),
        migrations.AddConstraint(
            model_name="sighting",
            constraint=models.UniqueConstraint(
                fields=("rereading", "collection", "key_hash", "snapshot"), name="sighting_once"
            ),
        ),
    ]
