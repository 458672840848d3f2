"""``crawlbeat test``: the whole suite."""

from __future__ import annotations

import argparse

from console.testing import run_tests
from embedded.datadir import DataFolder


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Run the tests; they do not touch the data folder, but make their own."""
    return run_tests(options.rest)
