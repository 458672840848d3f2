"""``crawlbeat test``: the whole suite."""

from __future__ import annotations

import argparse

from console.testing import run_tests
from embedded.datadir import DataFolder


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Run the tests; the data folder is not touched, they make their own."""
    return run_tests(options.rest)
