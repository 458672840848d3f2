"""Names of steps and marks for people."""

from __future__ import annotations

from djsite.desk.explain.explanation import Mark

TITLES = {
    "address": "Address",
    "scope": "Scope",
    "limits": "Limits",
    "network": "Network",
    "robots": "robots.txt",
    "found": "Found",
    "queue": "Waiting",
    "verdict": "Answer",
    "page": "Stored",
    "run": "Run",
    "host": "Host",
    "next": "Next",
}
MARKS = {Mark.YES: "yes", Mark.NO: "no", Mark.WAITS: "waits", Mark.UNKNOWN: "–"}
TONES = {Mark.YES: "good", Mark.NO: "bad", Mark.WAITS: "warn", Mark.UNKNOWN: ""}
