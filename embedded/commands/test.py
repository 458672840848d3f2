"""``crawlbeat test``: the whole suite."""

from __future__ import annotations

import argparse

from embedded.datadir import DataFolder
from embedded.testing import run_tests


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Run the tests; the data folder is not touched, they make their own."""
    return run_tests(options.rest)
