"""Everything except seeds, for reading only: only the path writes these rows."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import JSONField, Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django_celery_results.admin import TaskResultAdmin
from django_celery_results.models import GroupResult, TaskResult

from catalog.models import Export, Host, Page, Run, Visit
from djsite.desk.read.pages import keys_at
from djsite.desk.read.tally import tally
from djsite.desk.shown import PARAGRAPH, shown

admin.site.unregister([TaskResult, GroupResult])


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than the site does: a table of visits may have a hundred million rows."""

    @cached_property
    def count(self) -> int:
        assert isinstance(self.object_list, QuerySet)
        return tally(self.object_list).count


class CutSortedList(ChangeList):
    """A list whose texts are cut as everywhere on the site.

    It sorts by the columns of ``sortable_by`` only, whatever the address line asks for.
    """

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        for row in self.result_list:
            cut_texts(row)

    def get_ordering_field(self, field_name: Any) -> Any:
        return super().get_ordering_field(field_name) if field_name in (self.sortable_by or ()) else None


def cut_texts(row: Model) -> None:
    """Cut the texts of a row that is shown and never saved."""
    for field in row._meta.concrete_fields:
        value = row.__dict__.get(field.attname)
        if isinstance(field, JSONField) and value is not None:
            text = json.dumps(value, ensure_ascii=False)
            value = text if len(text) > PARAGRAPH else None
        if isinstance(value, str) and not field.choices:
            setattr(row, field.attname, shown(value, PARAGRAPH))


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """For reading by people with the permission; nobody can change it.

    Lists are sorted by columns with an index only: a sort of a million rows takes seconds.
    """

    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    actions = None
    ordering = ("-pk",)
    sortable_by: ClassVar[list[str] | tuple[str, ...] | None] = ("id",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CutSortedList

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            cut_texts(row)
        return row

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Run)
class RunAdmin(ReadOnly):
    list_display = (
        "id",
        "seed",
        "kind",
        "state",
        "slot",
        "discovered",
        "stored",
        "unchanged",
        "failed",
        "skipped",
    )
    list_filter = ("state", "kind")
    list_select_related = ("seed",)


class FoundByAddress(ReadOnly):
    """A table that is searched for a whole address, by its fingerprint."""

    page = "pk"  # the column that holds the key of a page
    search_fields = ("url",)  # for the box to be shown
    search_help_text = "A whole address, such as https://example.org/page."

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term:
            return queryset, False
        return queryset.filter(**{f"{self.page}__in": keys_at(search_term.strip())}), False


@admin.register(Visit)
class VisitAdmin(FoundByAddress):
    list_display = ("id", "url", "run", "state", "outcome", "reason", "status", "fetched_at")
    list_select_related = ("run",)
    page = "page"


@admin.register(Page)
class PageAdmin(FoundByAddress):
    list_display = ("id", "url", "seed", "versions", "last_changed_at", "last_fetched_at")
    list_select_related = ("seed",)
    exclude = ("latest",)
    sortable_by = ("id", "last_changed_at", "last_fetched_at")


@admin.register(Host)
class HostAdmin(ReadOnly):
    list_display = (
        "origin",
        "rank",
        "due_at",
        "lease_owner",
        "failures",
        "open_until",
        "last_status",
        "last_fetch_at",
    )
    search_fields = ("origin",)
    ordering = ("origin",)
    sortable_by = ("origin",)


@admin.register(Export)
class ExportAdmin(ReadOnly):
    list_display = ("id", "kind", "format", "seed", "run", "state", "rows", "created_by", "created_at")
    list_filter = ("state", "kind")
    list_select_related = ("seed", "run", "created_by")


@admin.register(TaskResult)
class ResultAdmin(ReadOnly):
    """The results of tasks that a person waits for."""

    list_display = ("task_name", "status", "date_created", "date_done", "worker")
    sortable_by = list_display
    list_filter = ("status", "task_name")
    fieldsets = TaskResultAdmin.fieldsets
