"""``crawlbeat outlets``: data that go out by themselves, sending one now, and what has gone."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from catalog.models import Outlet, Shipment
from catalog.schema import bring_up_to_date
from console.checks import no_database
from djsite.desk.outlets import places, reading, words
from djsite.desk.outlets.sending import NotPossible, send_here
from embedded.datadir import DataFolder
from embedded.errors import UsageError

LIST, SEND = "list", "send"
LOG = 20  # shipments that are printed
ARRIVED, FAILED = 0, 1
Told = tuple[Any, list[str]]  # the same for programs and for people


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """List outlets, send what one has, or say what has gone; the exit status."""
    if (options.action == LIST) != (options.outlet is None):
        raise UsageError("write 'outlets send NAME', 'outlets log NAME', or 'outlets' for the list")
    if (reason := no_database()) is not None:
        raise UsageError(f"--data: {reason}")
    bring_up_to_date()
    if options.action == SEND:
        return _send(_named(options.outlet), as_json=options.json)
    _print(_list() if options.action == LIST else _log(_named(options.outlet)), as_json=options.json)
    return ARRIVED


def _named(name: str) -> Outlet:
    outlet = reading.list_outlets().filter(name=name).first()
    if outlet is None:
        raise UsageError(f"NAME: there is no outlet {name!r}; crawlbeat outlets lists them")
    return outlet


def _send(outlet: Outlet, *, as_json: bool) -> int:
    try:
        shipment = send_here(outlet)
    except NotPossible as error:
        print(f"{outlet.name}: {error}", file=sys.stderr)
        return FAILED
    _print((_plain_shipment(shipment), [_shipment_line(shipment)]), as_json=as_json)
    return ARRIVED if shipment.state == Shipment.State.ARRIVED else FAILED


def _print(told: Told, *, as_json: bool) -> None:
    state, lines = told
    print(json.dumps(state, indent=2, ensure_ascii=False) if as_json else "\n".join(lines))


def _list() -> Told:
    outlets = list(reading.list_outlets())
    lines = [_line(outlet) for outlet in outlets] or ["Nothing goes out by itself. It is made on the site."]
    return [_plain(outlet) for outlet in outlets], lines


def _plain(outlet: Outlet) -> dict[str, Any]:
    return {
        "outlet": outlet.name,
        "what": words.what_words(outlet),
        "to": places.place_label(outlet.place),
        "when": words.when_words(outlet),
        "state": words.state_of(outlet).label,
        "last_arrived": outlet.last_arrived_at.isoformat() if outlet.last_arrived_at else None,
        "next": outlet.due_at.isoformat() if outlet.due_at else None,
    }


def _line(outlet: Outlet) -> str:
    plain, state = _plain(outlet), words.state_of(outlet)
    trouble = f". {state.sentence}" if state.tone in ("bad", "warn") else ""
    return f"{outlet.name}: {plain['what']} -> {plain['to']}, {plain['when']} ({state.label}){trouble}"


def _log(outlet: Outlet) -> Told:
    shipments = list(reading.shipments_of(outlet).order_by("-number")[:LOG])
    lines = [_shipment_line(each) for each in shipments] or ["Nothing was sent yet."]
    return [_plain_shipment(each) for each in shipments], lines


def _plain_shipment(shipment: Shipment) -> dict[str, Any]:
    return {
        "number": shipment.number,
        "state": shipment.state,
        "rows": shipment.rows,
        "gone": shipment.gone,
        "file": shipment.name,
        "answer": shipment.answer or shipment.reason,
        "ordered": shipment.created_at.isoformat(),
        "arrived": shipment.arrived_at.isoformat() if shipment.arrived_at else None,
    }


def _shipment_line(shipment: Shipment) -> str:
    state = words.shipment_state(shipment)
    when = f"{shipment.arrived_at or shipment.created_at:%Y-%m-%d %H:%M} UTC"
    return f"{shipment.number:>5}  {when}  {state.label}, {shipment.rows:,} rows. {state.sentence}".rstrip()
