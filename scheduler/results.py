"""The results of tasks for which a person waits: rows of django-celery-results, deleted after some days."""

from __future__ import annotations

import json
from typing import Any

from django_celery_results.models import TaskResult


def result_of(key: str, task: str) -> Any:
    """What a task gave; None while it is not done. Raises LookupError when it failed."""
    row = TaskResult.objects.filter(task_id=key, task_name=task).first()
    if row is None or row.status not in ("SUCCESS", "FAILURE"):
        return None
    if row.status == "FAILURE":
        raise LookupError(f"The task {task!r} failed.")
    return json.loads(row.result)
