from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_seed_ranges")]

    operations = [
        migrations.AddField("batch", "store_attempts", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("batch", "store_quarantined", models.JSONField(default=list)),
        migrations.AddField("run", "openings", models.PositiveSmallIntegerField(default=0)),
    ]
