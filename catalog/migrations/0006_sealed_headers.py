"""The values of seeds' request headers are sealed; until 0.1 they were kept as they are."""

from django.db import migrations

import catalog.sealing


def seal(apps, schema_editor):
    """Write each seed's headers again: the column seals what it is given."""
    seeds = apps.get_model("catalog", "Seed").objects.using(schema_editor.connection.alias)
    for pk, headers in seeds.exclude(headers="").values_list("pk", "headers"):
        seeds.filter(pk=pk).update(headers=headers)


def unseal(apps, schema_editor):
    """For the way back to a release that cannot open them."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id, headers FROM catalog_seed WHERE headers <> ''")
        for pk, headers in cursor.fetchall():
            pairs = [line.partition(": ") for line in headers.splitlines()]
            clear = "\n".join(f"{name}: {catalog.sealing.unseal(value)}" for name, _, value in pairs)
            cursor.execute("UPDATE catalog_seed SET headers = %s WHERE id = %s", [clear, pk])


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0005_failing_sections'),
    ]

    operations = [
        migrations.AlterField(
            model_name='seed',
            name='headers',
            field=catalog.sealing.SealedHeaders(blank=True, help_text="One 'Name: value' a line. Never written to the archive."),
        ),
        migrations.RunPython(seal, unseal, elidable=False),
    ]
