"""Seeds as a program writes them: a seed of a file of seeds (docs/seeds.schema.json), as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User

from catalog.models import Seed
from crawler.seeds.files.reading import FileProblem, WrittenSeed, read_seeds
from crawler.seeds.files.settings import GIVEN
from crawler.seeds.files.writing import plain_seed
from djsite.api.problems import FieldProblem, Problem, field_refused, refused
from djsite.desk.seed_files.planning import bring_in
from djsite.desk.seed_files.rows import definition_of, settings_of


def make(definition: Mapping[str, Any], now: datetime, user: User) -> Seed:
    """Make a seed.

    Raises:
        Problem: 422 for what is wrong, by field; 409 if another seed has its name.
        PermissionDenied: it would reach private networks.
    """
    written = _read(definition)
    if Seed.objects.alive().filter(name=written.name).exists():
        raise Problem(409, f"Another seed is called “{written.name}”. Change that one, or take another name.")
    return _save(written, now, user)


def change(seed: Seed, settings: Mapping[str, Any], now: datetime, user: User) -> Seed:
    """Change some settings of a seed. Raises as :func:`make`."""
    written = _read(_kept(seed, settings) | dict(settings))
    if written.name != seed.name:
        raise field_refused("name", "name cannot be changed by the API: rename the seed in the site.")
    return _save(written, now, user)


def _kept(seed: Seed, settings: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of a seed; with a setting that changes also those that go with it and a group gives."""
    beside = {name for names in GIVEN.values() if settings.keys() & set(names) for name in names}
    whole = plain_seed(settings_of(seed))
    return definition_of(seed) | {name: whole[name] for name in whole.keys() & beside}


def _read(definition: Mapping[str, Any]) -> WrittenSeed:
    text = json.dumps({"seeds": [definition]}, ensure_ascii=False)  # JSON is YAML, too
    written, problems = read_seeds(text)
    if problems or len(written) != 1:
        raise _refused(problems)
    return written[0]


def _save(written: WrittenSeed, now: datetime, user: User) -> Seed:
    planned = bring_in([written], now, user=user, means="api")
    if planned.problems:
        raise _refused(planned.problems)
    return planned.changes[0].seed


def _refused(problems: Iterable[FileProblem]) -> Problem:
    return refused(
        FieldProblem(problem.setting, f"{problem.setting}: {problem.text}".removeprefix(": "))
        for problem in problems
    )
