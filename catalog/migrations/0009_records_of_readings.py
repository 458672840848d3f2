"""What was read before becomes records: one of the collection ``pages`` for each page, with its history.

In statements on whole tables, in one transaction. A record has the values that the newest rules read from its
page's latest version. Its earlier values are those of older versions, each by the newest rules that have read
it, where they differ from the next. All is in the change set with the number 1, so that who reads the feed
from its beginning gets everything once.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.utils import timezone

FIRST = 1  # as in the migration before

STARTS = """
CREATE TEMPORARY TABLE value_starts AS
SELECT page_id, snapshot_id, rule_set_id, fetched_at, vals,
    LEAD(fetched_at) OVER (PARTITION BY page_id ORDER BY snapshot_id) AS until
FROM (
    SELECT *, LAG({same}) OVER (PARTITION BY page_id ORDER BY snapshot_id) AS before
    FROM (
        SELECT snapshot.page_id, reading.snapshot_id, reading.rule_set_id, fetched_at, {values} AS vals
        FROM catalog_reading reading
        JOIN catalog_snapshot snapshot ON snapshot.id = reading.snapshot_id
        LEFT JOIN catalog_ruleset rules ON rules.id = reading.rule_set_id
        WHERE NOT EXISTS (
            SELECT 1 FROM catalog_reading other JOIN catalog_ruleset newer ON newer.id = other.rule_set_id
            WHERE other.snapshot_id = reading.snapshot_id AND newer.in_force_since > rules.in_force_since
        )
    ) newest
) compared
WHERE before IS NULL OR before <> {same}
"""
"""The versions with which a page's values were first there; ``until``: when the next values came."""

RECORDS = """
INSERT INTO catalog_record (
    seed_id, collection, key_hash, "key", page_id, also_on, position, "values", problems, snapshot_id,
    rule_set_id, first_seen_at, last_seen_at, last_changed_at, changed_in_id, new_in_id
)
SELECT seed_id, 'pages', fingerprint, '[]', page.id, '[]', 0, vals, '{{}}', starts.snapshot_id,
    starts.rule_set_id, first_stored_at, last_fetched_at, starts.fetched_at, {first}, {first}
FROM catalog_page page JOIN value_starts starts ON starts.page_id = page.id AND until IS NULL
WHERE EXISTS (SELECT 1 FROM catalog_reading WHERE snapshot_id = page.latest_id)
ORDER BY page.id
"""

VERSIONS = """
INSERT INTO catalog_recordversion (
    record_id, "values", snapshot_id, rule_set_id, since, until, changed_in_id
)
SELECT record.id, vals, starts.snapshot_id, starts.rule_set_id, fetched_at, until, {first}
FROM value_starts starts JOIN catalog_record record ON record.page_id = starts.page_id
WHERE until IS NOT NULL
ORDER BY starts.snapshot_id
"""

WORDS = {
    "postgresql": {
        "values": "data -> 'pages' -> 0",
        "same": "vals",
        "rules": "jsonb_build_array(jsonb_build_object('name', 'pages', 'fields', rules))",
    },
    "sqlite": {
        "values": "json_extract(data, '$.pages[0]')",
        "same": "(SELECT json_group_array(json_array(key, value)) FROM "
        "(SELECT key, value FROM json_each(vals) ORDER BY key))",  # in one order, to be compared as text
        "rules": "json_array(json_object('name', 'pages', 'fields', json(rules)))",
    },
}


def fill(apps: Any, schema_editor: Any) -> None:
    """Rule sets hold collections; pages, records and earlier values are in the first change set."""
    words = {**WORDS[schema_editor.connection.vendor], "first": FIRST}
    schema_editor.execute("UPDATE catalog_ruleset SET rules = {rules}".format(**words))
    if not apps.get_model("catalog", "Page").objects.exists():
        return
    ChangeSet = apps.get_model("catalog", "ChangeSet")
    first = ChangeSet.objects.create(number=1, created_at=timezone.now())
    assert first.pk == FIRST  # the table is new
    for statement in (STARTS, RECORDS, VERSIONS, "DROP TABLE value_starts"):
        schema_editor.execute(statement.format(**words))


def back(apps: Any, schema_editor: Any) -> None:
    """Rule sets hold fields again; the tables of records are dropped by the migration before."""
    words = {"postgresql": "rules -> 0 -> 'fields'", "sqlite": "json_extract(rules, '$[0].fields')"}
    fields = words[schema_editor.connection.vendor]
    schema_editor.execute(f"UPDATE catalog_ruleset SET rules = {fields}")  # noqa: S608  ours


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0008_records"),
    ]

    operations = [
        migrations.RunPython(fill, back),
    ]
