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
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import django.db.models.deletion
import django.utils.timezone
import msgspec
from django.conf import settings
from django.db import migrations, models
from django.db.models import OuterRef, Subquery

CHUNK = 2000  # rows read at a time
SPAN = 20_000  # keys of rows updated by one statement
TICK = timedelta(microseconds=1)
Key = tuple[int, str]  # seed id, digest
Row = dict[str, Any]  # of a rule set


def fill(apps: Any, schema_editor: Any) -> None:
    """Write the rule sets, point runs, records and pages to them, and number them."""
    Run, Page, Record, RuleSet, Snapshot = (
        apps.get_model("catalog", name) for name in ("Run", "Page", "Record", "RuleSet", "Snapshot")
    )
    known = _frozen_by_runs(Run)
    known |= _saved_on_seeds(Page, apps.get_model("catalog", "Seed"), known)
    RuleSet.objects.bulk_create([RuleSet(**row) for row in known.values()], batch_size=CHUNK)
    ids = {(seed, digest): pk for pk, seed, digest in RuleSet.objects.values_list("pk", "seed_id", "digest")}
    _point_runs(Run, ids)
    _point(Record.objects.all(), Snapshot.objects.filter(pk=OuterRef("snapshot")).values("run__rule_set"))
    by_digest = RuleSet.objects.filter(seed=OuterRef("seed"), digest=OuterRef("rules")).values("pk")
    _point(Page.objects.exclude(rules=""), by_digest)
    latest = Page.objects.filter(pk=OuterRef("page"), latest=OuterRef("snapshot")).values("rule_set")
    _point(Record.objects.filter(rule_set=None), latest)
    _point_the_rest(Record, RuleSet)
    by_record = Record.objects.filter(snapshot=OuterRef("latest")).values("rule_set")
    _point(Page.objects.filter(rule_set=None).exclude(rules=""), by_record)
    _number(RuleSet)
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # it alters no table with checks pending


def _frozen_by_runs(Run: Any) -> dict[Key, Row]:
    """The rules of all runs, each once."""
    rows: dict[Key, Row] = {}
    last: dict[Key, datetime] = {}  # when a run opened by them
    for chunk in _chunks(Run.objects.all(), "seed_id", "policy_json__fields", "started_at", "created_at"):
        for _, seed, fields, started_at, created_at in chunk:
            if fields:
                key, at = (seed, _digest(fields)), started_at or created_at
                if key not in rows or at < rows[key]["created_at"]:
                    rows[key] = _row(key, fields, at)
                last[key] = max(last.get(key, at), at)
    _date(rows, last)
    return rows


def _date(rows: dict[Key, Row], last: dict[Key, datetime]) -> None:
    """Rules are in force since their first run, or since the last run by other rules that came between."""
    others: dict[int, datetime] = {}
    for key in sorted(rows, key=last.__getitem__):
        seed, first = key[0], rows[key]["created_at"]
        rows[key]["in_force_since"] = max(first, others[seed] + TICK) if seed in others else first
        others[seed] = last[key]


def _saved_on_seeds(Page: Any, Seed: Any, known: Collection[Key]) -> dict[Key, Row]:
    """Rules by which pages were read, that no run has any more, but the seed still has."""
    lost: dict[Key, datetime] = {}
    for chunk in _chunks(Page.objects.exclude(rules=""), "seed_id", "rules", "last_changed_at"):
        for _, seed, digest, at in chunk:
            if (seed, digest) not in known:
                lost[seed, digest] = min(lost.get((seed, digest), at), at)
    seeds = Seed.objects.filter(pk__in={seed for seed, _ in lost}).values_list("pk", "fields")
    saved = {(seed, _digest(fields)): fields for seed, fields in seeds if fields}
    return {key: _row(key, fields, lost[key]) for key, fields in saved.items() if key in lost}


def _point_runs(Run: Any, ids: dict[Key, int]) -> None:
    for chunk in _chunks(Run.objects.all(), "seed_id", "policy_json__fields"):
        of_rules = defaultdict(list)
        for pk, seed, fields in chunk:
            if fields:
                of_rules[ids[seed, _digest(fields)]].append(pk)
        for rule_set, runs in of_rules.items():
            Run.objects.filter(pk__in=runs).update(rule_set=rule_set)


def _point(rows: Any, rule_sets: Any) -> None:
    """Set ``rule_set`` of rows by a subquery, so many at a time: SQLite keeps what a statement changes."""
    last = rows.order_by("-pk").values_list("pk", flat=True).first() or 0
    for start in range(0, last, SPAN):
        span = rows.filter(pk__gt=start, pk__lte=start + SPAN)
        span.update(rule_set=Subquery(rule_sets[:1]))


def _point_the_rest(Record: Any, RuleSet: Any) -> None:
    """Records whose rules nobody knows: a rule set for the names of their fields."""
    ids: dict[Key, int] = {}
    rest = Record.objects.filter(rule_set=None)
    for chunk in _chunks(rest, "seed_id", "data", "snapshot__fetched_at"):
        of_rules = defaultdict(list)
        for pk, seed, data, at in chunk:
            key = seed, f"?{hashlib.sha256(msgspec.json.encode(sorted(data))).hexdigest()[:15]}"
            if key not in ids:
                rules = [{"name": name} for name in sorted(data)]
                ids[key] = RuleSet.objects.create(**_row(key, rules, at)).pk
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


def _row(key: Key, rules: list[dict[str, str]], at: datetime) -> Row:
    return {
        "seed_id": key[0], "digest": key[1], "number": 0, "rules": rules, "created_at": at, "in_force_since": at,
    }


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
