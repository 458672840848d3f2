"""The rules of fields get rows of their own, and a record belongs to a version and a rule set.

What release 0.1 has is kept: each run has frozen the rules that it read by. Where the run is pruned, the
latest version of a page still has their digest; of older versions nothing but the names of the fields is
known, and their rule set says so: its rules have names and nothing else, its digest begins with ``?``.

Memory stays flat whatever the number of rows, and all is one transaction: an interruption leaves release
0.1. Going back works as long as no version was read by two rule sets; release 0.1 then fetches and stores
every page again, because the digests in ``Page.rules`` are not written back.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import django.db.models.deletion
import django.utils.timezone
import msgspec
from django.conf import settings
from django.db import migrations, models
from django.db.models import Min, OuterRef, Subquery
from django.db.models.functions import Coalesce

CHUNK = 1000  # rows at a time
Key = tuple[int, str]  # seed id, digest


def fill(apps: Any, schema_editor: Any) -> None:
    """Write the rule sets, point runs, records and pages to them, and number them."""
    Run, Page, Record, RuleSet, Snapshot = (
        apps.get_model("catalog", name) for name in ("Run", "Page", "Record", "RuleSet", "Snapshot")
    )
    known = _frozen_by_runs(Run)
    known += _saved_on_seeds(Page, apps.get_model("catalog", "Seed"), {_key(row) for row in known})
    RuleSet.objects.bulk_create([RuleSet(**row) for row in known], batch_size=CHUNK)
    ids = {(seed, digest): pk for pk, seed, digest in RuleSet.objects.values_list("pk", "seed_id", "digest")}
    _point_runs(Run, ids)
    by_run = Snapshot.objects.filter(pk=OuterRef("snapshot")).values("run__rule_set")
    Record.objects.update(rule_set=Subquery(by_run[:1]))
    by_digest = RuleSet.objects.filter(seed=OuterRef("seed"), digest=OuterRef("rules")).values("pk")
    Page.objects.exclude(rules="").update(rule_set=Subquery(by_digest[:1]))
    by_page = Page.objects.filter(pk=OuterRef("page"), latest=OuterRef("snapshot")).values("rule_set")
    Record.objects.filter(rule_set=None).update(rule_set=Subquery(by_page[:1]))
    _point_the_rest(Record, RuleSet)
    by_record = Record.objects.filter(snapshot=OuterRef("latest")).values("rule_set")
    Page.objects.filter(rule_set=None).exclude(rules="").update(rule_set=Subquery(by_record[:1]))
    _number(RuleSet)
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # it alters no table with checks pending


def _frozen_by_runs(Run: Any) -> list[dict[str, Any]]:
    """The rules of all runs, each once, with the time when people went over to them last."""
    rows: dict[Key, dict[str, Any]] = {}
    in_force: dict[int, dict[str, Any]] = {}
    runs = Run.objects.annotate(at=Coalesce("started_at", "created_at")).order_by("at", "pk")
    for seed, fields, at in runs.values_list("seed_id", "policy_json__fields", "at").iterator(CHUNK):
        if not fields:
            continue
        row = rows.setdefault((seed, _digest(fields)), _row(seed, _digest(fields), fields, at))
        before = in_force.get(seed, row)
        if before is not row:
            row["in_force_since"] = max(at, before["in_force_since"] + timedelta(microseconds=1))
        in_force[seed] = row
    return list(rows.values())


def _saved_on_seeds(Page: Any, Seed: Any, known: set[Key]) -> list[dict[str, Any]]:
    """Rules by which pages were read, that no run has any more, but the seed still has."""
    behind_pages = Page.objects.exclude(rules="").values_list("seed_id", "rules")
    lost = {
        (seed, digest): at
        for seed, digest, at in behind_pages.annotate(at=Min("last_changed_at")).order_by()
        if (seed, digest) not in known
    }
    seeds = Seed.objects.filter(pk__in={seed for seed, _ in lost}).values_list("pk", "fields")
    return [
        _row(seed, _digest(fields), fields, lost[seed, _digest(fields)])
        for seed, fields in seeds
        if fields and (seed, _digest(fields)) in lost
    ]


def _point_runs(Run: Any, ids: dict[Key, int]) -> None:
    for chunk in _chunks(Run.objects.all(), "seed_id", "policy_json__fields"):
        of_rules = defaultdict(list)
        for pk, seed, fields in chunk:
            if fields:
                of_rules[ids[seed, _digest(fields)]].append(pk)
        for rule_set, runs in of_rules.items():
            Run.objects.filter(pk__in=runs).update(rule_set=rule_set)


def _point_the_rest(Record: Any, RuleSet: Any) -> None:
    """Records whose rules nobody knows: a rule set for the names of their fields."""
    ids: dict[Key, int] = {}
    rest = Record.objects.filter(rule_set=None)
    for chunk in _chunks(rest, "seed_id", "data", "snapshot__fetched_at"):
        of_rules = defaultdict(list)
        for pk, seed, data, at in chunk:
            key = seed, f"?{hashlib.sha256(msgspec.json.encode(sorted(data))).hexdigest()[:15]}"
            if key not in ids:
                row = _row(*key, [{"name": name} for name in sorted(data)], at)
                ids[key] = RuleSet.objects.create(**row).pk
            of_rules[ids[key]].append(pk)
        for rule_set, records in of_rules.items():
            Record.objects.filter(pk__in=records).update(rule_set=rule_set)


def _number(RuleSet: Any) -> None:
    """1, 2, … for each seed, in the order of time."""
    rows = RuleSet.objects.order_by("seed", "created_at", "pk").only("seed_id")
    numbered = []
    for _, of_seed in groupby(rows, lambda row: row.seed_id):
        for number, row in enumerate(of_seed, 1):
            row.number = number
            numbered.append(row)
    RuleSet.objects.bulk_update(numbered, ["number"], batch_size=CHUNK)


def _chunks(rows: Any, *columns: str) -> Iterator[list[tuple[Any, ...]]]:
    """The columns of rows after their keys, in the order of these."""
    last = 0
    while chunk := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", *columns)[:CHUNK]):
        yield chunk
        last = chunk[-1][0]


def _row(seed: int, digest: str, rules: list[dict[str, str]], at: datetime) -> dict[str, Any]:
    return {
        "seed_id": seed, "number": 0, "rules": rules, "digest": digest, "created_at": at, "in_force_since": at,
    }


def _key(row: dict[str, Any]) -> Key:
    return row["seed_id"], row["digest"]


def _digest(fields: list[dict[str, str]]) -> str:
    """As release 0.1 computed it."""
    rules = sorted((field["name"], field["css"]) for field in fields)
    return hashlib.sha256(msgspec.json.encode(rules)).hexdigest()[:16]


def _to_rule_set(**more: Any) -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING,
        related_name='+', to='catalog.ruleset', **more,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RuleSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('rules', models.JSONField()),
                ('digest', models.CharField(max_length=16)),
                ('in_force_since', models.DateTimeField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('created_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('seed', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rule_sets', to='catalog.seed')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('seed', 'digest'), name='rule_set_once')],
            },
        ),
        migrations.AddField(model_name='run', name='rule_set', field=_to_rule_set(null=True)),
        migrations.AddField(model_name='page', name='rule_set', field=_to_rule_set(null=True)),
        migrations.AddField(model_name='record', name='rule_set', field=_to_rule_set(null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='ruleset',
            constraint=models.UniqueConstraint(fields=('seed', 'number'), name='rule_set_number'),
        ),
        migrations.RemoveField(model_name='page', name='rules'),
        migrations.AlterField(
            model_name='record',
            name='snapshot',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='records', to='catalog.snapshot'),
        ),
        migrations.AlterField(model_name='record', name='rule_set', field=_to_rule_set()),
        migrations.AddConstraint(
            model_name='record',
            constraint=models.UniqueConstraint(fields=('snapshot', 'rule_set'), name='record_once'),
        ),
    ]
