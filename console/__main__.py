"""``python -m console``: what the launcher runs."""

import sys

from console.cli import main

if __name__ == "__main__":
    sys.exit(main())
