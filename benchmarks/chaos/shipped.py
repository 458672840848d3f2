"""Outlets that send what has changed since last time, and what their files must say in the end."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings

from catalog.clock import db_now
from catalog.models import Export, Outlet, Seed, Shipment
from pipelines import shipping
from pipelines.shipping.lines import Lines
from pipelines.shipping.names import own_names
from pipelines.shipping.orders import OPEN
from pipelines.shipping.places import folder

FORMAT = "jsonl"
_Thing = tuple[str, tuple[str, ...]]  # collection and key


KINDS = (Export.Kind.RECORDS, Export.Kind.PAGES)


class Shipped:
    """What is new, changed or gone in a seed, as files in a folder after each run."""

    def __init__(self, seed: Seed, kind: str) -> None:
        """Make the outlet. Values may be in doubt here, so it sends whatever promises say."""
        self._outlet = Outlet.objects.create(
            name=f"chaos {kind}",
            seed=seed,
            kind=kind,
            share=Outlet.Share.SINCE,
            format=FORMAT,
            place="folder",
            options={"folder": f"chaos/{kind}"},
            obeys_promises=False,
        )

    def end(self) -> None:
        """Have the rest sent, and what waits for its next attempt."""
        shipping.order(self._outlet, Shipment.Cause.HAND, db_now())

    def settled(self) -> bool:
        """Whether nothing is on its way."""
        return not self._outlet.shipments.filter(state__in=OPEN).exists()

    @property
    def gone(self) -> int:
        """Lines that say of a thing that it is gone."""
        lines = chain.from_iterable(_lines(path) for path in self._files())
        return sum(line["change"] == "gone" for line in lines)

    def broken(self) -> Iterator[str]:
        """A sentence for each broken promise: all files, applied in their order, are the full export."""
        files = self._files()
        numbers = [self._number(path) for path in files]
        arrived = self._outlet.shipments.filter(state=Shipment.State.ARRIVED).order_by("number")
        if numbers != list(arrived.values_list("number", flat=True)):
            yield f"{self._outlet}: files {numbers} are there, and not one for each shipment that has arrived"
        for shipment, path in zip(arrived, files, strict=False):
            if (lines := len(_lines(path))) != shipment.rows:
                yield f"{path.name} has {lines} lines, and its shipment {shipment.rows}"
        applied, there = _applied(files), dict(self._full_export())
        yield from (f"shipments have lost {thing}" for thing in there.keys() - applied.keys())
        yield from (f"shipments still have {thing}" for thing in applied.keys() - there.keys())
        for thing in there.keys() & applied.keys():
            if there[thing] != applied[thing]:
                yield f"shipments have {applied[thing]} for {thing}, which has {there[thing]}"

    def _files(self) -> list[Path]:
        """In their order; two of the same number would be a double."""
        path = Path(settings.DATA_DIR, folder.FOLDER, self._outlet.options["folder"])
        return sorted(path.glob(f"*.{FORMAT}"), key=self._number)

    def _number(self, path: Path) -> int:
        number = own_names(self._outlet)(path.name)
        assert number is not None, path
        return number

    def _full_export(self) -> Iterator[tuple[_Thing, Any]]:
        for part in Lines(self._outlet, db_now(), keyed=True).whole():
            yield from ((_thing(row), _said(row)) for row in part)


def _applied(files: list[Path]) -> dict[_Thing, Any]:
    """What somebody has who did what each line says."""
    things: dict[_Thing, Any] = {}
    for line in chain.from_iterable(map(_lines, files)):
        if line["change"] == "gone":
            things.pop(_thing(line), None)
        else:
            things[_thing(line)] = _said(line)
    return things


def _thing(line: dict[str, Any]) -> _Thing:
    return line["collection"], tuple(line["key"])


def _said(line: dict[str, Any]) -> Any:
    """What a line says of its thing: of a record its values, of a page all that a version has."""
    return line.get("fields", {**line, "change": ""})


def _lines(path: Path) -> list[dict[str, Any]]:
    return [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]
