#!/usr/bin/env python
"""Django's command line, as Django users expect it; the same as ``crawlbeat manage``."""

import sys

from console.cli import main

if __name__ == "__main__":
    sys.exit(main(["manage", *sys.argv[1:]]))
