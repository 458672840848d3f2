"""Whether a change set holds something of a seed is told by the index that leads to its rows."""

from django.db import migrations, models

INDEXES = {"page": "page_in_change_set", "record": "record_in_change_set"}


def _index(name: str) -> models.Index:
    return models.Index(fields=["changed_in", "seed"], name=name)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0023_search_blocks")]

    operations = [
        step
        for model, name in INDEXES.items()
        for step in (migrations.RemoveIndex(model, name), migrations.AddIndex(model, _index(name)))
    ]
