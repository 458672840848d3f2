"""The program's entry: read the command line, set the scene for Django, hand over to the command."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import cast

import django
from django.db import OperationalError

from djsite.env import BadSetting
from embedded import arguments
from embedded.datadir import DataFolder
from embedded.trouble import Interrupted, Trouble, UsageError

Command = Callable[..., int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    options = arguments.parse(sys.argv[1:] if argv is None else argv)
    try:
        folder = DataFolder(options.data)
        if options.command not in {"status", "test"}:
            folder.prepare()
        return command(options.command, folder)(options, folder)
    except UsageError as error:
        return complain(options.command, error, 2)
    except (Trouble, BadSetting) as error:
        return complain(options.command, error, 1)
    except Interrupted:
        return 130
    except OperationalError as error:
        return complain(options.command, f"the database does not answer: {error}", 1)
    except BrokenPipeError:  # the reader of our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def command(name: str, folder: DataFolder) -> Command:
    """The function behind a command, with Django set up for the data folder.

    Imported here by name, because the tables can be imported only after Django has read its settings, and
    it reads them from the environment.
    """
    if name != "test":
        enter(folder)
    return cast(Command, importlib.import_module(f"embedded.commands.{name}").run)


def enter(folder: DataFolder) -> None:
    """Point the settings, of this process and of its children, to a data folder."""
    os.environ["CRAWLBEAT_DATA"] = str(folder.path)
    if not os.environ.get("REDIS_URL"):
        os.environ["CRAWLBEAT_REDIS_SOCKET"] = str(folder.socket())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "djsite.settings")
    django.setup()


def complain(name: str, error: object, status: int) -> int:
    """Say what went wrong in one line."""
    print(f"crawlbeat {name}: {error}", file=sys.stderr)
    return status
