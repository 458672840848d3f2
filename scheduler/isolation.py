"""Separate pieces of work: an error in one is logged and stops no other."""

from __future__ import annotations

import logging
from collections.abc import Callable

logger = logging.getLogger(__name__)


def run_isolated(work: Callable[[], object], complaint: str) -> bool:
    """Do a piece of work; False when it failed, which is logged as ``complaint``."""
    try:
        work()
    except Exception:  # a fault of the program too: it must not stop unrelated work
        logger.exception(complaint)
        return False
    return True
