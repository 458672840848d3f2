"""Records become things over time; what a rule set read from a version is a reading.

The rows of the old table are facts about versions: they become readings, of one record of the collection
``pages``. The next migration makes records of them.
"""

from __future__ import annotations

from typing import Any

import django.utils.timezone
from django.db import migrations, models
from django.db.models.deletion import CASCADE, DO_NOTHING

FIRST = 1  # the id of the change set of all that is there
COLUMNS = ("changed_in_id", "new_in_id")
COPY = """
INSERT INTO catalog_reading (snapshot_id, rule_set_id, data, keys)
SELECT snapshot_id, rule_set_id, {data}, '{{}}' FROM catalog_record ORDER BY id
"""
DATA = {
    "postgresql": "jsonb_build_object('pages', jsonb_build_array(data))",
    "sqlite": "json_object('pages', json_array(json(data)))",
}


def copy(apps: Any, schema_editor: Any) -> None:
    """Write a reading for each row, in one statement."""
    schema_editor.execute(COPY.format(data=DATA[schema_editor.connection.vendor]))


def add_columns(apps: Any, schema_editor: Any) -> None:
    """Point all pages at the first change set, which the next migration makes.

    A column that is new with a default is there at once, whatever the number of rows; to update them all
    would take minutes. SQLite forgets the default when the table is written anew, below.
    """
    for name in COLUMNS:
        schema_editor.execute(f"ALTER TABLE catalog_page ADD COLUMN {name} bigint NULL DEFAULT {FIRST}")
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"ALTER TABLE catalog_page ALTER COLUMN {name} DROP DEFAULT")


def drop_columns(apps: Any, schema_editor: Any) -> None:
    """The way back."""
    for name in COLUMNS:
        schema_editor.execute(f"ALTER TABLE catalog_page DROP COLUMN {name}")


def _to(model: str, on_delete: Any = DO_NOTHING, **more: Any) -> models.ForeignKey:
    """A column that names a row of a table, with neither index nor constraint unless ``more`` says so."""
    values = {"db_index": False, "db_constraint": False, "related_name": "+", **more}
    return models.ForeignKey(on_delete=on_delete, to=f"catalog.{model}", **values)


def _owner(model: str, name: str) -> models.ForeignKey:
    """A column that names the row with which this one is deleted."""
    return _to(model, CASCADE, db_constraint=True, related_name=name)


def _id() -> tuple[str, models.Field]:
    return "id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0007_leases"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reading",
            fields=[
                _id(),
                ("data", models.JSONField(default=dict)),
                ("keys", models.JSONField(default=dict)),
                ("snapshot", _owner("snapshot", "readings")),
                ("rule_set", _to("ruleset")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("snapshot", "rule_set"), name="reading_once")],
            },
        ),
        migrations.RunPython(copy, migrations.RunPython.noop),
        migrations.DeleteModel(name="Record"),
        migrations.CreateModel(
            name="ChangeSet",
            fields=[
                _id(),
                ("number", models.PositiveBigIntegerField(null=True, unique=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("number", None)), fields=["id"], name="change_set_unnumbered"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Record",
            fields=[
                _id(),
                ("collection", models.CharField(max_length=100)),
                ("key_hash", models.BigIntegerField()),
                ("key", models.JSONField(default=list)),
                ("also_on", models.JSONField(default=list)),
                ("position", models.PositiveIntegerField(default=0)),
                ("values", models.JSONField(default=dict)),
                ("problems", models.JSONField(default=dict)),
                ("first_seen_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                ("last_changed_at", models.DateTimeField()),
                ("gone_at", models.DateTimeField(null=True)),
                ("changed_in", _to("changeset", null=True)),
                ("new_in", _to("changeset", null=True)),
                ("page", _owner("page", "records")),
                ("seed", _owner("seed", "records")),
                ("rule_set", _to("ruleset")),
                ("snapshot", _to("snapshot")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["page"], name="record_on_page"),
                    models.Index(fields=["changed_in"], name="record_in_change_set"),
                    models.Index(fields=["seed", "collection", "-id"], name="record_of_collection"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("seed", "collection", "key_hash"), name="record_once_per_seed"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RecordVersion",
            fields=[
                _id(),
                ("values", models.JSONField(default=dict)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("changed_in", _to("changeset", null=True)),
                ("record", _owner("record", "earlier")),
                ("rule_set", _to("ruleset")),
                ("snapshot", _to("snapshot")),
            ],
            options={
                "indexes": [models.Index(fields=["record", "-id"], name="record_version")],
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add_columns, drop_columns)],
            state_operations=[
                migrations.AddField(model_name="page", name=name, field=_to("changeset", null=True))
                for name in ("changed_in", "new_in")
            ],
        ),
        migrations.AddField(model_name="page", name="gone_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="page", name="gone_answers", field=models.PositiveSmallIntegerField(default=0)
        ),
        migrations.AddField(
            model_name="seed", name="collections", field=models.JSONField(blank=True, default=list)
        ),
        migrations.AddField(
            model_name="seed", name="requests", field=models.JSONField(blank=True, default=list)
        ),
        migrations.AddField(model_name="seed", name="accept", field=models.TextField(blank=True, help_text="Verdicts that are overruled, one a line, with a pattern or without.")),
        migrations.AddIndex(
            model_name="page",
            index=models.Index(fields=["changed_in"], name="page_in_change_set"),
        ),
    ]
