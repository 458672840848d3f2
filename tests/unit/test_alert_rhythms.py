"""When alerts tell of what met them: in their own time zones, whatever its clock does."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from catalog.models import Alert
from pipelines.telling.alerts.rhythms import due_after

BERLIN = {"time_zone": "Europe/Berlin"}


@pytest.mark.parametrize(
    ("met", "values", "told"),
    [
        ("2026-03-10 12:34", {}, "2026-03-10 12:34"),
        ("2026-03-10 12:34", {"rhythm": "hourly"}, "2026-03-10 13:00"),
        ("2026-03-10 13:00", {"rhythm": "hourly"}, "2026-03-10 14:00"),
        ("2026-03-10 12:34", {"rhythm": "hourly", "time_zone": "Asia/Kolkata"}, "2026-03-10 13:30"),
        ("2026-03-10 06:59", {"rhythm": "daily", **BERLIN}, "2026-03-10 07:00"),  # 08:00 without a time
        ("2026-03-10 07:00", {"rhythm": "daily", **BERLIN}, "2026-03-11 07:00"),
        ("2026-03-28 12:00", {"rhythm": "daily", **BERLIN}, "2026-03-29 06:00"),  # summer time begins
        ("2026-10-24 12:00", {"rhythm": "daily", **BERLIN}, "2026-10-25 07:00"),  # and ends
        # this wall time does not exist on that day: the clock goes from 2 to 3
        ("2026-03-28 12:00", {"rhythm": "daily", "rhythm_time": time(2, 30), **BERLIN}, "2026-03-29 01:00"),
        # and this is there twice
        ("2026-10-25 00:31", {"rhythm": "daily", "rhythm_time": time(2, 30), **BERLIN}, "2026-10-26 01:30"),
        ("2026-03-10 12:34", {"rhythm": "weekly", "rhythm_weekday": 0}, "2026-03-16 08:00"),
        ("2026-03-10 12:34", {"rhythm": "weekly", "rhythm_weekday": 6}, "2026-03-15 08:00"),
        ("2026-03-23 12:00", {"rhythm": "weekly", "rhythm_weekday": 6, **BERLIN}, "2026-03-29 06:00"),
        ("2026-03-10 12:34", {"rhythm": "daily", "time_zone": "Mars/Olympus"}, "2026-03-10 12:34"),
    ],
)
def test_what_met_an_alert_is_told_in_its_rhythm(met, values, told):
    moment = datetime.fromisoformat(met).replace(tzinfo=UTC)
    assert due_after(Alert(**values), moment) == datetime.fromisoformat(told).replace(tzinfo=UTC)
