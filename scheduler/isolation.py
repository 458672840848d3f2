"""Work beside other work: whatever goes wrong with one piece is logged and stops no other."""

from __future__ import annotations

import logging
from collections.abc import Callable

logger = logging.getLogger(__name__)


def run_isolated(work: Callable[[], object], complaint: str) -> bool:
    """Do a piece of work; False when it failed, which is logged with the ``complaint``."""
    try:
        work()
    except Exception:  # a fault of the program too: it must not take down what has nothing to do with it
        logger.exception(complaint)
        return False
    return True
