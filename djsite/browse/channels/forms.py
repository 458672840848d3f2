"""The form of a channel: its name, what its kind asks for, and when it is quiet."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms

from catalog.models import Channel
from djsite.browse.boxes.setting_boxes import boxes_of, networks_box, options_of, secrets_in
from djsite.desk import channels
from djsite.desk.channels import NETWORKS, SITE

_TIME = forms.TimeInput({"type": "time"}, format="%H:%M")


class ChannelForm(forms.ModelForm):  # type: ignore[type-arg]
    """The settings of a kind are fields of their own. A secret that is left empty stays as it is."""

    class Meta:
        model = Channel
        fields = ("name", "enabled", "quiet_from", "quiet_until", "time_zone")
        labels = {
            "enabled": "In use. What happens while it is not in use is kept, and told later",
            "quiet_from": "Quiet from",
            "quiet_until": "Quiet until",
        }
        help_texts = {
            "quiet_from": "Each day in these hours nothing is sent. What happens is told afterwards.",
        }
        widgets = {"quiet_from": _TIME, "quiet_until": _TIME}

    time_zone = forms.ChoiceField(
        label="Time zone", choices=[(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())]
    )

    def __init__(self, *args: Any, site: str, networks: bool, **kwargs: Any) -> None:
        """``site``: our own address, for links; ``networks``: whether private ones may be allowed."""
        super().__init__(*args, **kwargs)
        self.kind = channels.kind_of(self.instance.kind)
        options, added = self.instance.options, self.instance.pk is None
        begin = {"key": channels.new_key()} if added else {}
        own = boxes_of(self.kind.SETTINGS, options, kept=not added, begin=begin)
        shared = {SITE: self._site(site)} | ({NETWORKS: networks_box(options)} if networks else {})
        order = ["name", *own, "quiet_from", "quiet_until", "time_zone", *shared, "enabled"]
        self.fields |= own | shared
        self.order_fields(order)

    def clean(self) -> dict[str, Any]:
        """Ask the desk what is wrong."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name, sentence in channels.check(self.instance, self.options(), self.secrets()).items():
            if not self.has_error(name):
                self.add_error(name if name in self.fields else None, sentence)
        return cleaned

    def options(self) -> dict[str, Any]:
        """What may be shown."""
        return options_of(self, self.kind.SETTINGS, SITE, NETWORKS)

    def secrets(self) -> dict[str, str]:
        """The secrets that were written."""
        return secrets_in(self, self.kind.SETTINGS)

    def _site(self, site: str) -> forms.Field:
        return forms.CharField(
            label="Address of this site",
            required=False,
            initial=self.instance.options.get(SITE, "" if self.instance.pk else site),
            help_text="Messages link to it. Empty: they link to the pages that were read.",
        )
