"""Carries out the order of a bench (:mod:`benchmarks.kit.bench_order`) with a keeper's services."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from benchmarks.kit.bench_order import OUTCOME
from embedded.datadir import DataFolder
from embedded.keeper import Keeper
from embedded.signals import Signals

T = TypeVar("T")


def with_keeper(file: Path, kind: type[T], work: Callable[[T, Keeper], msgspec.Struct]) -> None:
    """Do ``work`` on the order in ``file``, and write its outcome beside it.

    When ``work`` begins, the keeper has started Valkey and made the tables; ``work`` starts the workers.
    """
    order = msgspec.json.decode(file.read_bytes(), type=kind)
    folder = DataFolder(Path(os.environ["CRAWLBEAT_DATA"]))
    folder.prepare()
    with Signals() as signals:
        keeper = Keeper(folder, "bench", signals, lambda line: print(line, file=sys.stderr))
        keeper.take_folder()
        try:
            keeper.prepare()
            outcome = work(order, keeper)
        finally:
            keeper.stop()
    (file.parent / OUTCOME).write_bytes(msgspec.json.encode(outcome))
