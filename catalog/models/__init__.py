"""The tables, a module for each noun; import them from here."""

from catalog.models.batch import Batch
from catalog.models.chore import Chore
from catalog.models.export import Export
from catalog.models.heartbeat import Heartbeat
from catalog.models.host import Host
from catalog.models.page import Page, Record, Snapshot
from catalog.models.ruleset import RuleSet
from catalog.models.run import Run, RunHost, RunTemplate
from catalog.models.seed import Seed
from catalog.models.visit import Attempt, Visit

__all__ = [
    "Attempt",
    "Batch",
    "Chore",
    "Export",
    "Heartbeat",
    "Host",
    "Page",
    "Record",
    "RuleSet",
    "Run",
    "RunHost",
    "RunTemplate",
    "Seed",
    "Snapshot",
    "Visit",
]
