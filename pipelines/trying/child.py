"""The process in which a tried page is read: it has a time limit and a memory limit, and may be killed.

Orders and trials pass as msgpack over its standard input and output. It knows no settings, no tables and no
network.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec

from crawler.memory_limit import PARSER_BYTES, limit_memory
from crawler.outcomes import Reason
from crawler.reading.own_code import names
from pipelines.trying.reading import read
from pipelines.trying.trial import Order, Trial

SECONDS = 20.0  # for reading a page
_ROOT = Path(__file__).resolve().parents[2]


def read_in_child(order: Order) -> Trial:
    """The trial of a body; with the verdict ``parser_killed`` if it cannot be read within the limits."""
    environment = {"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"}  # and nothing of ours: no address, no secret
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "pipelines.trying.child"],
            input=msgspec.msgpack.encode(order),
            capture_output=True,
            env=environment,
            timeout=SECONDS,
            check=True,
        )
        return msgspec.msgpack.decode(done.stdout, type=Trial)
    except subprocess.TimeoutExpired:
        return _killed(order, f"it could not be read within {SECONDS:.0f} s")
    except subprocess.CalledProcessError as error:
        last = error.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        why = "it took too much memory" if "MemoryError" in last else last[:300] or "its parser was killed"
        return _killed(order, f"it could not be read: {why}")


def _killed(order: Order, detail: str) -> Trial:
    return Trial(url=order.url, final_url=order.final_url, verdict=Reason.PARSER_KILLED, detail=detail)


def main() -> None:
    """Read one order, write one trial."""
    limit_memory(PARSER_BYTES)
    order = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Order)
    names.look_in(Path(order.extractors))
    sys.stdout.buffer.write(msgspec.msgpack.encode(read(order)))


if __name__ == "__main__":
    main()
