"""The ways a command ends early."""

from __future__ import annotations


class Trouble(Exception):
    """Something outside stops a command (a busy port, a folder in use): exit status 1."""


class UsageError(Exception):
    """A wrong option value that argparse cannot find; the message names the option: exit status 2."""


class Interrupted(Exception):
    """Stopped by a signal before there was any result: exit status 130."""
