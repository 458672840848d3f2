"""The ways a command ends early."""

from __future__ import annotations


class Trouble(Exception):
    """Something outside stands in the way (a busy port, a folder in use): exit status 1."""


class UsageError(Exception):
    """A wrong option value that argparse could not see; the message names the option: exit status 2."""


class Interrupted(Exception):
    """Somebody asked us to stop before there was anything to keep: exit status 130."""
