"""Fed to ``manage.py shell`` in the web container: a seed, its first slot by the clock, its run."""

import sys
import time

from django.db.models import Count

from catalog.models import Run, Seed
from pipelines.runs import reconcile_counters

seed, _ = Seed.objects.update_or_create(
    name="container check",
    defaults={
        "start_urls": "http://site:8080/",
        "interval_seconds": 3600,
        "delay": 0,
        "per_host": 8,
        "allow_networks": "10.0.0.0/8\n172.16.0.0/12\n192.168.0.0/16",
        "fields": [{"name": "title", "css": "h1::text"}],
    },
)
deadline = time.monotonic() + 180
while time.monotonic() < deadline:
    run = Run.objects.filter(seed=seed).first()
    if run is not None and run.state == Run.State.FINISHED:
        break
    time.sleep(0.5)
else:
    sys.exit(f"no finished run after three minutes: {run and run.state}")
took = (run.finished_at - run.started_at).total_seconds()
print(f"a run that the clock opened, {run.state} in {took:.1f} s: {run.discovered} discovered,")
print(f"{run.stored} stored, {run.unchanged} unchanged, {run.redirected} redirected,")
print(f"{run.failed} failed, {run.skipped} skipped")
reasons = run.visits.exclude(reason=None).values_list("reason").annotate(Count("pk"))
print("reasons:", dict(reasons))
print("counters that do not match the visits:", reconcile_counters(run) or "none")
if run.stored != 300 or run.failed or reconcile_counters(run):
    sys.exit("not what the site holds: 300 pages, none of them broken")
