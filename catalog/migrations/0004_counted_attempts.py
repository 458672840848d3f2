from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_seed_ranges")]

    operations = [
        migrations.AddField("batch", "store_attempts", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("batch", "store_quarantined", models.JSONField(default=list)),
        migrations.AddField("host", "deaths", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("host", "suspect", models.BigIntegerField(null=True)),
        migrations.AddField("host", "quarantined", models.JSONField(default=list)),
        migrations.AddField("run", "openings", models.PositiveSmallIntegerField(default=0)),
    ]
