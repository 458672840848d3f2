"""``seeds export`` and ``seeds list``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from catalog.models import Run, Seed
from djsite.desk.read.seeds import last_runs, list_seeds
from djsite.desk.schedules import describe
from djsite.desk.seed_files.rows import kept_seeds, text_of
from embedded.errors import UsageError

TOGETHER = 200  # seeds whose last runs are asked for at once


def export(options: argparse.Namespace) -> int:
    """Write the seeds as YAML, and say how many."""
    seeds = {seed.name: seed for seed in kept_seeds()}
    if missing := [name for name in options.names if name not in seeds]:
        raise UsageError(f"NAME: there is no seed {missing[0]!r}")
    chosen = [seeds[name] for name in options.names] or list(seeds.values())
    if options.tag is not None:
        chosen = [seed for seed in chosen if options.tag in seed.tags]
    write_text(options.output, text_of(chosen))
    print_number(len(chosen))
    return 0


def print_number(count: int) -> None:
    """Say how many seeds were written."""
    print(f"{count:,} {'seed' if count == 1 else 'seeds'}", file=sys.stderr)


def write_text(name: str, text: str) -> None:
    """Write a file whole or not at all; - is stdout."""
    if name == "-":
        sys.stdout.write(text)
        return
    path = Path(name)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise UsageError(f"-o: {name} cannot be written: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)


def show(options: argparse.Namespace) -> int:
    """Print a line for each seed."""
    seeds = list(list_seeds())
    runs: dict[int, list[Run]] = {}
    for start in range(0, len(seeds), TOGETHER):
        runs |= last_runs(seeds[start : start + TOGETHER], 1)
    return show_list([_plain(seed, runs[seed.pk]) for seed in seeds], as_json=options.json)


def show_list(state: Sequence[dict[str, Any]], *, as_json: bool) -> int:
    """Print all seeds, for programs or a line for each."""
    if as_json:
        print(json.dumps(state, indent=2, ensure_ascii=False))
    else:
        print("\n".join(map(_line, state)) or "There are no seeds. Make one on the site: /seeds/new/")
    return 0


def _plain(seed: Seed, runs: list[Run]) -> dict[str, Any]:
    last = [{"run": run.pk, "state": run.state, "began": run.created_at.isoformat()} for run in runs]
    return {
        "seed": seed.pk,
        "name": seed.name,
        "enabled": seed.enabled,
        "tags": seed.tags,
        "when": describe(seed),
        "next_due": seed.next_slot.isoformat() if seed.next_slot else None,
        "last_run": last[0] if last else None,
    }


def _line(seed: dict[str, Any]) -> str:
    last, due = seed["last_run"], seed["next_due"]
    parts = [
        seed["when"] if seed["enabled"] else "paused",
        f"next {_minute(due)}" if due else "",
        f"run {last['run']} {last['state']}, of {_minute(last['began'])}" if last else "never ran",
        f"[{', '.join(seed['tags'])}]" if seed["tags"] else "",
    ]
    return f"{seed['seed']:>4}  {seed['name']}: {'; '.join(filter(None, parts))}"


def _minute(moment: str) -> str:
    return f"{moment[:16].replace('T', ' ')} UTC"
