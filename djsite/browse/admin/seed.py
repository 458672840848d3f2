"""Seeds in the admin."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from catalog.models import Seed
from crawler.seeds.request_text import written_requests
from djsite.browse.admin.audited import Audited
from djsite.browse.seed_form import SeedForm
from djsite.browse.trials.taken import QUERY, Taken, seed_of_trial, with_taken
from djsite.desk import runs, schedules, seeds, words

TRAPS = ("ignore_params", "max_url_length", "max_repeated_segments", "max_pages_per_host", "max_same_text")
TRAPS_WORDS = (
    "Some sites make endless addresses. These limits keep a run out of them; a run names those that acted."
)
VERDICTS_WORDS = (
    "An answer that is a block page, a login page or the like is not stored as a page. Where that is a "
    "mistake, say so here."
)
LOCKED = (
    "This seed may reach private networks. So only staff change where it goes: start URLs, scope, patterns, "
    "sitemaps and headers."
)
IN_WORDS = {"headers": "header_words", "requests": "request_words"}  # how locked fields are shown
WHEN = "%a %-d %b %Y, %H:%M:%S"


@admin.register(Seed)
class SeedAdmin(Audited):
    """What somebody wants crawled. Saving tells the clock; deleting hides at once and prunes later."""

    form = SeedForm
    list_display = ("name", "enabled", "schedule_words", "next_words", "lane", "priority", "on_site")
    list_editable = ("enabled", "lane", "priority")
    list_filter = ("enabled", "schedule", "lane", "origin")
    search_fields = ("name", "start_urls")
    ordering = ("name",)
    list_per_page = 25  # each has fields to edit, which take most of the time
    actions = ("run_now", "enable", "disable", "duplicate")
    readonly_fields = ("schedule_words", "policy_words", "due_times")
    fieldsets = (
        (None, {"fields": ("name", "start_urls", "tags")}),
        (
            "When",
            {
                "fields": (
                    "enabled",
                    "schedule",
                    ("every", "unit"),
                    "cron",
                    "time_zone",
                    "overlap",
                    "catch_up",
                    "catch_up_limit",
                    "schedule_words",
                    "policy_words",
                    "due_times",
                )
            },
        ),
        ("How far", {"fields": ("scope", "include", "exclude", "max_depth", "max_pages", "max_minutes")}),
        (
            "Sitemaps, feeds and requests",
            {"fields": ("use_sitemaps", "sitemaps", "requests"), "classes": ("collapse",)},
        ),
        ("What to extract", {"fields": ("rules", "collections")}),
        ("Politeness", {"fields": (("delay", "per_host"), "obey_robots", "robots_reason", "user_agent")}),
        ("Changes", {"fields": ("change_means", "noise", "learn_noise", "second_look_minutes")}),
        (
            "Kept versions",
            {"fields": ("keep_versions", "keep_days", "keep_daily"), "classes": ("collapse",)},
        ),
        ("Verdicts", {"fields": ("accept",), "classes": ("collapse",), "description": VERDICTS_WORDS}),
        ("Traps", {"fields": TRAPS, "classes": ("collapse",), "description": TRAPS_WORDS}),
        ("Order of work", {"fields": ("lane", "priority")}),
        ("Access", {"fields": ("headers", "allow_networks"), "classes": ("collapse",)}),
    )

    # What is shown ------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Seed]:
        return super().get_queryset(request).filter(deleted_at=None)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Of a page that was tried: its address, and the collection that somebody took of it."""
        given = super().get_changeform_initial_data(request)
        own = {name: value for name, value in given.items() if name not in QUERY}
        return own | seed_of_trial(Taken.of(given))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Seed | None:
        """Locked while it is written: permissions to change it are checked against its present row.

        The form is opened with a collection that somebody took of a page; saving keeps it.
        """
        seed = super().get_object(request, object_id, from_field)
        if seed is not None and request.method == "GET":
            seed.collections = with_taken(seed.collections, Taken.of(request.GET))
        if seed is None or request.method != "POST" or not connection.in_atomic_block:
            return seed
        return self.get_queryset(request).select_for_update().filter(pk=seed.pk).first()

    def get_readonly_fields(self, request: HttpRequest, obj: Seed | None = None) -> tuple[str, ...]:
        """Only staff open private networks, and only they change where a seed with private networks goes."""
        names = tuple(self.readonly_fields)
        if not seeds.may_open_networks(request.user):
            names += ("allow_networks",)
        if obj is None or seeds.may_steer(request.user, obj):
            return names
        fixed = (IN_WORDS.get(name, name) for name in seeds.DESTINATION_FIELDS)
        return (*names, *fixed)

    def get_fieldsets(self, request: HttpRequest, obj: Seed | None = None) -> Any:
        """The usual groups; where fields cannot be changed, the first group says why."""
        groups: Any = super().get_fieldsets(request, obj)
        if obj is None or seeds.may_steer(request.user, obj):
            return groups
        (name, first), *others = [
            (name, {**group, "fields": [IN_WORDS.get(field, field) for field in group["fields"]]})
            for name, group in groups
        ]
        return [(name, {**first, "description": LOCKED}), *others]

    def view_on_site(self, obj: Seed) -> str:
        """The button from the form to the seed's page."""
        return reverse("seed", args=[obj.pk])

    @admin.display(description="Request headers")
    def header_words(self, seed: Seed) -> str:
        return ", ".join(seed.header_names()) or "–"

    @admin.display(description="Requests with a body")
    def request_words(self, seed: Seed) -> str:
        return written_requests(seed.requests) or "–"

    @admin.display(description="Schedule")
    def schedule_words(self, seed: Seed) -> str:
        return schedules.describe(seed) if seed.pk else "–"

    @admin.display(description="Next due", ordering="next_slot")
    def next_words(self, seed: Seed) -> str:
        return words.ago(seed.next_slot) if seed.next_slot else "–"

    @admin.display(description="Next due times")
    def due_times(self, seed: Seed) -> str | SafeString:
        if not seed.pk:
            return "A new seed runs at once, and then by its schedule."
        due = schedules.next_due(seed, timezone.now())
        if not due:
            return (
                "None: it runs by hand only."
                if seed.schedule == Seed.Schedule.MANUAL
                else "None: it is switched off."
            )
        zone = ZoneInfo(seed.time_zone)
        items = format_html_join("", "<li>{}</li>", ((f"{slot.astimezone(zone):{WHEN}}",) for slot in due))
        return format_html('<ul class="due">{}</ul><span class="help">{}</span>', items, seed.time_zone)

    @admin.display(description="When it cannot run in time")
    def policy_words(self, seed: Seed) -> SafeString:
        return format_html_join("", "<div>{}</div>", ((line,) for line in schedules.describe_policies(seed)))

    @admin.display(description="")
    def on_site(self, seed: Seed) -> SafeString:
        return format_html('<a href="{}">Runs and pages</a>', reverse("seed", args=[seed.pk]))

    # Actions ------------------------------------------------------------------------------------------------

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django reads the choice without a form, and would end in an error of the database."""
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if not all(key.isdecimal() and len(key) < 19 for key in chosen):
            raise BadRequest("What was chosen is no seed.")
        return super().changelist_view(request, extra_context)

    @admin.action(description="Run now, before all that waits", permissions=["run"])
    def run_now(self, request: HttpRequest, queryset: QuerySet[Seed]) -> None:
        for seed in queryset:
            run, sentence = runs.run_now(seed, timezone.now())
            link = format_html('<a href="{}">Run {}</a>', reverse("run", args=[run.pk]), run.pk)
            self.message_user(request, format_html("{} {}.", sentence, link), messages.SUCCESS)

    def has_run_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("catalog.add_run")

    @admin.action(description="Switch schedules on", permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[Seed]) -> None:
        self._say(request, seeds.switch(queryset, True, request.user, "admin"), "switched on")

    @admin.action(description="Switch schedules off", permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Seed]) -> None:
        self._say(request, seeds.switch(queryset, False, request.user, "admin"), "switched off")

    @admin.action(description="Duplicate, switched off", permissions=["add"])
    def duplicate(self, request: HttpRequest, queryset: QuerySet[Seed]) -> None:
        for seed in queryset:
            if not seeds.may_steer(request.user, seed):
                sentence = (
                    f"{seed.name} was not copied: it may reach private networks, so only staff copy it."
                )
                self.message_user(request, sentence, messages.ERROR)
                continue
            copy = seeds.duplicate(seed, request.user, "admin")
            link = format_html(
                '<a href="{}">{}</a>', reverse("admin:catalog_seed_change", args=[copy.pk]), copy.name
            )
            self.message_user(
                request, format_html("{} was made; it is switched off.", link), messages.SUCCESS
            )

    def _say(self, request: HttpRequest, count: int, done: str) -> None:
        sentence = (
            f"{count} schedule{' was' if count == 1 else 's were'} {done}."
            if count
            else f"All were {done} already."
        )
        self.message_user(request, sentence, messages.SUCCESS)

    def save_model(self, request: HttpRequest, obj: Seed, form: Any, change: bool) -> None:
        seeds.save(obj, timezone.now(), request.user, "admin")

    # Deleting: hidden at once, pruned in the background -----------------------------------------------------

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        """The seeds alone: counting their rows would take minutes for a million pages."""
        names = [f"{seed.name}, with its runs, pages and records" for seed in objs]
        return names, {"seeds": len(names)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Seed) -> None:
        seeds.delete([obj], timezone.now(), request.user, "admin")

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Seed]) -> None:
        seeds.delete(queryset, timezone.now(), request.user, "admin")
