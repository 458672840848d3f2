"""What is loaded when."""

from __future__ import annotations

import subprocess
import sys

from tests.harness.environment import ROOT

READ_A_PAGE = """
import sys
from crawler.reading.reader import read_document
read_document(b"<p>words", "text/html", "")
print({"pypdfium2", "python_calamine"} & sys.modules.keys())
"""


def test_large_libraries_are_loaded_when_they_are_needed():
    child = subprocess.run([sys.executable, "-c", READ_A_PAGE], cwd=ROOT, capture_output=True, check=True)
    assert child.stdout == b"set()\n"
