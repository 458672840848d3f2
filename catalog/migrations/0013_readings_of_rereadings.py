"""Which readings a rereading has made; what is left of its parts when they are deleted."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0012_rereading"),
    ]

    operations = [
        migrations.AddField(
            model_name="reading",
            name="rereading",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="catalog.rereading",
            ),
        ),
        migrations.AddField(
            model_name="rereading",
            name="read",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="rereading",
            name="unread",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="rereadingpart",
            name="after_version",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="rereadingpart",
            name="failures",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
