"""What calls say of outlets and shipments, and what is written of an outlet."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja.schema import Schema
from pydantic import Field, StringConstraints

from catalog.models import Outlet, Shipment
from djsite.api.paging import Id, Listed
from djsite.desk.outlets import saving, words

Text = Annotated[str, StringConstraints(max_length=4000)]
Texts = Annotated[list[Text], Field(max_length=100)]
Kind = Literal["records", "pages"]
Share = Literal["whole", "since"]
_SAME = (
    *("name", "enabled", "kind", "query", "share", "format", "compression", "place", "options", "keep"),
    *("after_runs", "cron", "time_zone", "obeys_promises", "last_arrived_at", "failing_since", "last_error"),
)


class OutletShape(Schema):
    """Where data of a seed go, and when. Secrets are never shown."""

    id: int
    name: str
    enabled: bool
    seed: int
    kind: str
    query: str = Field(description="Filters of the list of records, as its address has them.")
    share: str = Field(description="whole: everything each time; since: what is new, changed or gone.")
    format: str
    compression: str
    place: str
    options: dict[str, Any]
    keep: int | None
    after_runs: bool
    cron: str
    time_zone: str
    obeys_promises: bool
    state: str
    next_at: datetime | None = Field(description="By its cron line.")
    last_arrived_at: datetime | None
    failing_since: datetime | None
    last_error: str

    @staticmethod
    def of(outlet: Outlet) -> OutletShape:
        """An outlet of :func:`djsite.desk.outlets.reading.list_outlets`."""
        return OutletShape(
            id=outlet.pk,
            seed=outlet.seed_id,
            state=words.state_of(outlet).label,
            next_at=outlet.due_at,
            **{name: getattr(outlet, name) for name in _SAME},
        )


class OutletList(Listed):
    """Outlets by name."""

    items: list[OutletShape]


class Change(Schema, extra="forbid"):
    """What may be changed of an outlet."""

    name: str = Field("", max_length=saving.NAME_LENGTH, description="Without it, of seed and place.")
    seed: Id
    kind: Kind = "records"
    query: str = Field("", max_length=4000)
    share: Share = "whole"
    format: str = Field("", max_length=10, description="Of a file; rows have none.")
    compression: str = Field("", max_length=4)
    options: dict[str, Text | Texts] = Field({}, description="What the place asks for, by its names.")
    secret: dict[str, Text] = Field({}, description="Of these, what is secret; what is left out stays.")
    keep: int | None = Field(None, ge=1, le=100_000, description="Files that stay there; null: all.")
    after_runs: bool = True
    cron: str = Field("", max_length=200)
    time_zone: str = Field("UTC", max_length=64)
    obeys_promises: bool = True


class Wanted(Change):
    """An outlet to be made."""

    place: str = Field(max_length=40, description="folder, s3, sftp, postgresql, webhook, sheets.")


class Part(Change):
    """The settings that are to be others."""

    seed: Id | None = None  # type: ignore[assignment]  # what is left out stays


class ShipmentShape(Schema):
    """One lot of data that went, or is to go."""

    number: int
    cause: str = Field(description="run, time or hand.")
    run: int | None
    share: str
    state: str = Field(description="waiting, held, arrived or given_up.")
    rows: int = Field(description="Gone ones among them.")
    gone: int
    since: str = Field(description="It has what came after this cursor; empty: from the beginning.")
    until: str
    name: str = Field(description="Of its file.")
    attempts: int
    next_try_at: datetime | None
    reason: str
    answer: str
    created_at: datetime
    arrived_at: datetime | None

    @staticmethod
    def of(shipment: Shipment) -> ShipmentShape:
        """A shipment and how far it is."""
        names = ShipmentShape.model_fields.keys() - {"run"}
        return ShipmentShape(run=shipment.run_id, **{name: getattr(shipment, name) for name in names})


class ShipmentList(Listed):
    """Shipments, newest first."""

    items: list[ShipmentShape]


class Asked(Schema):
    """Where the answer will be."""

    key: str
    url: str


class Tested(Schema):
    """Whether data can be written at the place."""

    done: bool
    works: bool | None = None
    answer: str = ""
