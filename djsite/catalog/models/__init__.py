"""One noun a file; import them from here."""

from djsite.catalog.models.batch import Batch
from djsite.catalog.models.export import Export
from djsite.catalog.models.heartbeat import Heartbeat
from djsite.catalog.models.host import Host
from djsite.catalog.models.page import Page, Record, Snapshot
from djsite.catalog.models.run import Run, RunHost, RunTemplate
from djsite.catalog.models.seed import Seed
from djsite.catalog.models.visit import Attempt, Visit

__all__ = [
    "Attempt",
    "Batch",
    "Export",
    "Heartbeat",
    "Host",
    "Page",
    "Record",
    "Run",
    "RunHost",
    "RunTemplate",
    "Seed",
    "Snapshot",
    "Visit",
]
