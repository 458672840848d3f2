"""What the admin writes into the history of a row."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.forms import BaseForm
from django.http import HttpRequest

from djsite.desk.audit import changes


class Audited(admin.ModelAdmin):  # type: ignore[type-arg]
    """An admin whose history has old and new values."""

    def construct_change_message(
        self, request: HttpRequest, form: BaseForm, formsets: Any, add: bool = False
    ) -> Any:  # Django takes a sentence too, and shows it as it is
        return changes(form)
