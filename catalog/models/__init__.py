"""The tables, a module for each noun; import them from here."""

from catalog.models.access.edit import SeedEdit
from catalog.models.access.token import ApiWrite, Token
from catalog.models.batch import Batch
from catalog.models.changeset import ChangeSet
from catalog.models.chore import Chore
from catalog.models.decided.group import SeedGroup
from catalog.models.decided.known_failure import KnownFailure
from catalog.models.export import Export
from catalog.models.heartbeat import Heartbeat
from catalog.models.host import Host
from catalog.models.out.outlet import Outlet, Shipment
from catalog.models.page import NoiseBlock, Page, Snapshot
from catalog.models.planning.forecast import Forecast
from catalog.models.reading import Coverage, Reading
from catalog.models.record import Record, RecordVersion
from catalog.models.rereading import Rereading, RereadingPart, Sighting
from catalog.models.ruleset import RuleSet
from catalog.models.run import Run, RunHost, RunTemplate
from catalog.models.seed import Seed
from catalog.models.telling.alert import Alert, KeptView, Promise
from catalog.models.telling.channel import Channel, Delivery, Message, Notice
from catalog.models.telling.event import Event, SecondLook
from catalog.models.visit import Attempt, JudgedAnswer, Visit

__all__ = [
    "Alert",
    "ApiWrite",
    "Attempt",
    "Batch",
    "ChangeSet",
    "Channel",
    "Chore",
    "Coverage",
    "Delivery",
    "Event",
    "Export",
    "Forecast",
    "Heartbeat",
    "Host",
    "JudgedAnswer",
    "KeptView",
    "KnownFailure",
    "Message",
    "NoiseBlock",
    "Notice",
    "Outlet",
    "Page",
    "Promise",
    "Reading",
    "Record",
    "RecordVersion",
    "Rereading",
    "RereadingPart",
    "RuleSet",
    "Run",
    "RunHost",
    "RunTemplate",
    "SecondLook",
    "Seed",
    "SeedEdit",
    "SeedGroup",
    "Shipment",
    "Sighting",
    "Snapshot",
    "Token",
    "Visit",
]
