"""``crawlbeat notify``: the channels by which people are told, and a test of one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NamedTuple

from catalog.models import Channel, Message
from catalog.schema import bring_up_to_date
from console.checks import no_database
from djsite.desk import channels
from embedded.datadir import DataFolder
from embedded.errors import UsageError

ARRIVED, FAILED, UNKNOWN = 0, 1, 2


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """List the channels, or send a test; 0 if it arrived, 1 if it did not, 2 if there is no such channel."""
    if (reason := no_database()) is not None:
        raise UsageError(f"--data: {reason}")
    bring_up_to_date()
    if options.test is None:
        print("\n".join(lines()))
        return ARRIVED
    channel = Channel.objects.filter(name=options.test).first()
    return no_channel(options.test) if channel is None else _test(channel)


class Line(NamedTuple):
    """A channel as the list has it."""

    name: str
    kind: str
    state: str
    waiting: str
    failing: str  # since when and why, if it is


def lines() -> list[str]:
    """A line for each channel."""
    return lines_of([_line(channel) for channel in channels.list_channels()])


def _line(channel: Channel) -> Line:
    state = channels.state_of(channel)
    failing = state.sentence if state.tone == "bad" else ""
    kind = channels.kind_label(channel.kind)
    return Line(channel.name, kind, state.label, str(vars(channel)["waiting"]), failing)


def lines_of(rows: Sequence[Line]) -> list[str]:
    """The list for people."""
    if not rows:
        return ["There are no channels yet. Add one on the site, under Channels."]
    width = max(len(row.name) for row in rows)
    return [
        f"{row.name:<{width}}  {row.kind}, {row.state}, {row.waiting} waiting"
        + (f". {row.failing}" if row.failing else "")
        for row in rows
    ]


def no_channel(name: str) -> int:
    """Say that there is no such channel."""
    print(f"There is no channel {name!r}. crawlbeat notify lists them.", file=sys.stderr)
    return UNKNOWN


def _test(channel: Channel) -> int:
    message = channels.test_here(channel)
    attempt = message.deliveries.order_by("-number").first()
    answer = f"{attempt.status or ''} {attempt.answer}".strip() if attempt else "It was not tried."
    return show_test(answer, delivered=message.state == Message.State.DELIVERED)


def show_test(answer: str, *, delivered: bool) -> int:
    """Say what came of a test."""
    if delivered:
        print(f"The test arrived. {answer}".strip())
        return ARRIVED
    print(f"The test did not arrive: {answer}", file=sys.stderr)
    return FAILED
