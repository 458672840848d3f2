"""The seed form of the admin, and of the site: plain words, errors beside their field."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from catalog.models import Seed
from crawler.collections import Collection, Field, of_fields
from crawler.lanes import Lane
from crawler.policy import Scope
from crawler.reading.verdicts import kinds
from crawler.seeds import Schedule, check_field_lines, checks
from crawler.seeds.collection_text import written
from crawler.seeds.field_lines import line_of_field
from crawler.seeds.request_text import written_requests
from djsite.browse.boxes.collections_field import CollectionsField
from djsite.browse.boxes.requests_field import RequestsField
from djsite.browse.boxes.tags_field import TagsField
from djsite.desk import kept_headers
from djsite.desk.bulk.actions import TURNS

UNITS = {"minutes": 60, "hours": 3600, "days": 86400}
BOXES = {"fields": "rules", "interval_seconds": "every"}  # columns whose box has another name
SCOPES = [
    (Scope.PAGE.value, "only the start URLs themselves"),
    (Scope.PREFIX.value, "everything in the folder of each start URL, and below it"),
    (Scope.HOST.value, "the whole site: every page on the start URLs' hosts"),
    (Scope.DOMAIN.value, "the whole domain: its subdomains too"),
]


class SeedForm(forms.ModelForm):  # type: ignore[type-arg]
    """A seed, with its interval as number and unit and its fields as lines.

    Intervals are kept in seconds. The form offers minutes and longer units; an interval that is not whole
    minutes (the demo's 30 seconds) is shown in seconds and kept as it is.
    """

    every = forms.IntegerField(
        label="Every", required=False, min_value=1, widget=forms.NumberInput({"class": "vIntegerField"})
    )
    unit = forms.ChoiceField(label="Unit", required=False)
    rules = forms.CharField(
        label="Fields",
        required=False,
        widget=forms.Textarea({"rows": 5, "class": "code"}),
        help_text="One a line: <code>name = selector</code>. A CSS selector alone gives all text of the "
        "first match; <code>::text</code> its first text, <code>::attr(href)</code> an attribute. "
        "For example <code>price = .price::text</code>. A rule that begins with <code>/</code> is XPath.",
    )
    collections = CollectionsField(
        label="Collections",
        help_text="Kinds of records, as JSON: one record for each item of a page, keys, types. "
        '<a href="/try/">Try a page</a> offers some.',
    )
    requests = RequestsField()
    tags = TagsField()
    time_zone = forms.ChoiceField(
        label="Time zone",
        choices=[(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())],
        initial="UTC",
    )
    lane = forms.TypedChoiceField(
        label="Turn",
        coerce=int,
        choices=[(lane.value, words) for lane, words in TURNS.items()],
        initial=Lane.NORMAL.value,
    )
    scope = forms.ChoiceField(
        label="Crawl", choices=SCOPES, initial=Scope.HOST.value, widget=forms.RadioSelect
    )

    class Meta:
        model = Seed
        fields = (
            "name", "tags", "enabled", "start_urls", "requests", "schedule", "cron", "time_zone", "overlap",
            "catch_up", "catch_up_limit", "lane", "priority", "scope",
            "include", "exclude", "max_depth", "max_pages", "max_minutes", "use_sitemaps", "sitemaps",
            "ignore_params", "max_url_length", "max_repeated_segments", "max_pages_per_host", "max_same_text",
            "delay", "per_host", "user_agent", "headers", "obey_robots", "robots_reason", "allow_networks",
            "accept", "change_means", "noise", "learn_noise", "second_look_minutes", "collections",
            "keep_versions", "keep_days", "keep_daily",
        )  # fmt: skip
        widgets = {
            "schedule": forms.RadioSelect,
            "overlap": forms.RadioSelect,
            "catch_up": forms.RadioSelect,
            "change_means": forms.RadioSelect,
            "noise": forms.Textarea({"rows": 3, "class": "code", "placeholder": "css: .visitors-online"}),
            "start_urls": forms.Textarea({"rows": 3, "placeholder": "https://example.org/"}),
            "include": forms.Textarea({"rows": 2, "class": "code"}),
            "exclude": forms.Textarea({"rows": 2, "class": "code"}),
            "sitemaps": forms.Textarea({"rows": 2, "class": "code"}),
            "ignore_params": forms.Textarea({"rows": 2, "class": "code"}),
            "headers": forms.Textarea({"rows": 2, "class": "code", "autocomplete": "off"}),
            "allow_networks": forms.Textarea({"rows": 2, "class": "code"}),
            "accept": forms.Textarea({"rows": 2, "class": "code", "placeholder": "soft_404"}),
        }
        labels = {
            "start_urls": "Start URLs",
            "enabled": "Schedule is switched on",
            "schedule": "It runs",
            "cron": "Cron line",
            "overlap": "When the earlier run still goes",
            "catch_up": "After a downtime",
            "catch_up_limit": "Caught up at most",
            "include": "Only pages that match",
            "exclude": "No pages that match",
            "max_depth": "Links deep",
            "max_pages": "Pages at most",
            "max_minutes": "Minutes at most",
            "use_sitemaps": "Read the sitemaps that robots.txt names",
            "sitemaps": "More sitemaps or feeds",
            "ignore_params": "Parameters without meaning",
            "max_url_length": "Characters of an address",
            "max_repeated_segments": "Repeats in an address",
            "max_pages_per_host": "Pages of one host",
            "max_same_text": "Pages that say nothing new",
            "delay": "Seconds between requests",
            "per_host": "Connections a host",
            "user_agent": "User agent",
            "headers": "Request headers",
            "obey_robots": "Obey robots.txt",
            "robots_reason": "Reason to ignore robots.txt",
            "allow_networks": "Networks that may be reached",
            "accept": "Verdicts that do not count",
            "change_means": "A page has changed if it has",
            "noise": "Parts that do not count",
            "learn_noise": "Leave out too what changes by itself at nearly every visit",
            "second_look_minutes": "Minutes to a second look",
            "keep_versions": "Versions of a page at most",
            "keep_days": "Days that a version is kept",
            "keep_daily": "Of older days, keep the last version of each",
        }
        help_texts = {
            "cron": "Five parts: minute, hour, day of month, month, day of week. "
            "<code>0 8 * * 1-5</code> is 08:00 from Monday to Friday.",
            "overlap": "What becomes of a due time that comes then.",
            "catch_up": "What becomes of the due times that passed while nothing could run.",
            "catch_up_limit": "The latest so many due times are run.",
            "include": "One pattern a line for the whole address; <code>*</code> stands for anything, "
            "<code>re:</code> begins a regular expression, without (?=…) and \\1. Empty: all of them. "
            "For example <code>*/products/*</code>.",
            "exclude": "The same; these always win.",
            "max_depth": "Links away from a start URL. 0 is the start URLs alone; empty is no limit.",
            "max_pages": "Of one run. Empty is no limit.",
            "max_minutes": "A run that takes longer is stopped. Empty is no limit.",
            "use_sitemaps": "Of the start URLs' hosts.",
            "sitemaps": "One URL a line.",
            "ignore_params": "Query parameters that do not change a page, one a line; <code>*</code> ends a "
            "prefix. Those of the usual trackers are known.",
            "max_url_length": "Longer addresses are not followed.",
            "max_repeated_segments": "How often one part, as in /a/b/a/b/a, may come in an address.",
            "max_pages_per_host": "Of one run.",
            "max_same_text": "After so many in a row, addresses of the same kind are left alone.",
            "priority": "0 to 9 among the seeds of the same turn; 9 goes first.",
            "delay": "To each host, from the end of one answer to the next request.",
            "per_host": "Requests to one host at the same time.",
            "user_agent": "Empty: Crawlbeat's own, which names a contact.",
            "headers": "One a line: <code>Name: value</code>. Sent to the start URLs' hosts only. A value "
            "that was saved is never shown again: <code>(kept)</code> stands for it until you write another.",
            "robots_reason": "Who allowed it, and where that is written. Needed to switch robots.txt off.",
            "allow_networks": "One a line, like <code>10.0.0.0/8</code>. Private and local addresses are "
            "refused without it.",
            "accept": "One a line: a verdict, and perhaps a pattern for the addresses where it does not "
            f"count, as in <code>soft_404 https://shop.example/sale/*</code>: {', '.join(kinds())}.",
            "change_means": "Tokens, scripts and other markup that nobody sees make none, unless any byte "
            "counts. Pages without values of fields are compared by their content.",
            "noise": "One a line: <code>css: .ads</code> for parts of pages, "
            "<code>re: Seen [0-9]+ times</code> for words, <code>dates</code> for dates and times of day, "
            "<code>counters</code> for numbers of views or visitors. Values of fields always count.",
            "learn_noise": "The seed's page shows what that is, and each part can be switched back on.",
            "second_look_minutes": "People are told of a change after another look agrees. Empty: at once.",
            "keep_versions": "The first and the latest are always kept. Empty: all.",
            "keep_days": "The first and the latest are always kept. Empty: for ever.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seconds = self.instance.interval_seconds
        units = dict(UNITS)
        if seconds and seconds % 60:
            units = {"seconds": 1} | units
        unit = next(unit for unit, size in reversed(units.items()) if (seconds or 3600) % size == 0)
        self._units = units
        self.fields["unit"].choices = [(unit, unit) for unit in units]  # type: ignore[attr-defined]
        self.fields["unit"].initial = unit
        self.fields["every"].initial = (seconds or 3600) // units[unit]
        self.initial["headers"] = kept_headers.shown(self.instance)
        self.initial["requests"] = written_requests(self.instance.requests)
        fields = tuple(map(Field.of, self.instance.fields))
        collections = [Collection.of(plain) for plain in self.instance.collections]
        try:
            self.fields["rules"].initial = "\n".join(map(line_of_field, fields))
        except ValueError:  # more than lines can say: then they are shown as the collection that they are
            collections = [*of_fields(fields), *collections]
        if not isinstance(self.initial.get("collections"), str):  # a text comes from a page that was tried
            self.initial["collections"] = written(collections)

    def clean_name(self) -> str:
        name = checks.name(self.cleaned_data["name"])
        if Seed.objects.alive().filter(name=name).exclude(pk=self.instance.pk).exists():
            raise ValidationError("Another seed has this name. Choose one of its own.")
        return name

    def clean_headers(self) -> str:
        return kept_headers.read(self.cleaned_data["headers"], self.instance)

    def clean(self) -> dict[str, Any]:
        """Read the boxes of this form, interval and fields; :meth:`Seed.clean` checks all others."""
        if self.cleaned_data.get("schedule", Schedule.INTERVAL) == Schedule.INTERVAL:
            self._read_interval()
        if "rules" in self.cleaned_data:
            rules, problems = check_field_lines(self.cleaned_data["rules"])
            for problem in problems:
                self.add_error("rules", str(problem))
            if not problems:
                self.instance.fields = rules
        if "collections" in self.cleaned_data:
            self.cleaned_data["collections"] = [each.plain() for each in self.cleaned_data["collections"]]
        return self.cleaned_data

    def _read_interval(self) -> None:
        every, unit = self.cleaned_data.get("every"), self.cleaned_data.get("unit", "")
        if unit not in self._units and "unit" not in self.errors:
            self.add_error("unit", "Choose minutes, hours or days.")
        if {"schedule", "every", "unit"} & self.errors.keys():
            self.instance.interval_seconds = self.instance.interval_seconds or 3600  # an error is shown
            return
        seconds = (every or 0) * self._units[unit]
        if seconds % 60 and seconds != self.instance.interval_seconds:
            self.add_error("every", "Seeds run every minute at most: choose minutes, hours or days.")
        else:
            self.instance.interval_seconds = seconds or None

    def _update_errors(self, errors: ValidationError) -> None:
        """Sentences beside the boxes of this form. A field that this person may not change stays as it is."""
        by_box = {BOXES.get(field, field): messages for field, messages in errors.error_dict.items()}
        boxes = {*self.fields, NON_FIELD_ERRORS}
        shown = {box: messages for box, messages in by_box.items() if box in boxes}
        if shown:
            super()._update_errors(ValidationError(shown))  # type: ignore[misc]
