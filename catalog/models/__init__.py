"""The tables, a module for each noun; import them from here."""

from catalog.models.batch import Batch
from catalog.models.changeset import ChangeSet
from catalog.models.chore import Chore
from catalog.models.export import Export
from catalog.models.heartbeat import Heartbeat
from catalog.models.host import Host
from catalog.models.page import Page, Snapshot
from catalog.models.reading import Coverage, Reading
from catalog.models.record import Record, RecordVersion
from catalog.models.rereading import Rereading, RereadingPart, Sighting
from catalog.models.ruleset import RuleSet
from catalog.models.run import Run, RunHost, RunTemplate
from catalog.models.seed import Seed
from catalog.models.visit import Attempt, JudgedAnswer, Visit

__all__ = [
    "Attempt",
    "Batch",
    "ChangeSet",
    "Chore",
    "Coverage",
    "Export",
    "Heartbeat",
    "Host",
    "JudgedAnswer",
    "Page",
    "Reading",
    "Record",
    "RecordVersion",
    "Rereading",
    "RereadingPart",
    "RuleSet",
    "Run",
    "RunHost",
    "RunTemplate",
    "Seed",
    "Sighting",
    "Snapshot",
    "Visit",
]
