"""``crawlbeat bench NAME``: the benches of ``benchmarks/``, which no other package imports."""

from __future__ import annotations

import argparse
import subprocess
import sys

from embedded.datadir import ROOT, DataFolder


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Run a bench; its exit status. Its results go below the data folder."""
    command = [sys.executable, "-m", "benchmarks", "--data", str(folder.path), *options.rest]
    return subprocess.run(command, cwd=ROOT).returncode
