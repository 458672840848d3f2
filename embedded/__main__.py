"""``python -m embedded``: what the launcher runs."""

import sys

from embedded.cli import main

if __name__ == "__main__":
    sys.exit(main())
