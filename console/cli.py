"""The entry of the program: read the command line, set up Django, call the command."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import cast

import django
from django.db import DatabaseError, OperationalError

from catalog.errors import NewerData
from console import arguments
from console.remote.place import Place, check_command, place_of
from console.trouble import damaged, database_trouble
from djsite import env
from embedded.datadir import DataFolder
from embedded.errors import Interrupted, Trouble, UsageError

Command = Callable[..., int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    options = arguments.parse(sys.argv[1:] if argv is None else argv)
    try:
        elsewhere = place_of(env.text("CRAWLBEAT_URL"), env.text("CRAWLBEAT_TOKEN"))
        if options.command not in arguments.PASSED_ON:
            check_command(options, elsewhere)
            if elsewhere is not None:
                return ask(options, elsewhere)
        folder = DataFolder(options.data)
        if makes_folder(options.command):
            folder.prepare()
        return command(options.command, folder)(options, folder)
    except UsageError as error:
        return complain(options.command, error, 2)
    except (Trouble, NewerData, env.BadSetting) as error:
        return complain(options.command, error, 1)
    except (Interrupted, KeyboardInterrupt):
        return 130
    except DatabaseError as error:
        if options.command == "manage" or not (damaged(error) or isinstance(error, OperationalError)):
            raise  # users of manage know Django's tracebacks; other errors are faults of ours
        return complain(options.command, database_trouble(error), 1)
    except BrokenPipeError:  # the reader of our output has ended
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def makes_folder(name: str) -> bool:
    """Whether a command makes the data folder. ``manage`` does in the embedded mode, where no key is set."""
    return name not in {
        "status",
        "doctor",
        "export",
        "verify",
        "changes",
        "explain",
        "notify",
        "alerts",
        "outlets",
        "fixtures",
        "test",
        "try",
        "search",
        "forecast",
        "seeds",
        "backup",
        "restore",
    } and not (name == "manage" and env.text("SECRET_KEY"))


def command(name: str, folder: DataFolder) -> Command:
    """The function behind a command, with Django set up for the data folder.

    Imported here by name, because the tables can be imported only after Django has read its settings, and
    it reads them from the environment.
    """
    if name not in {"bench", "test"}:
        set_up(folder)
    folder_of = "console.commands.passed_on" if name in arguments.PASSED_ON else "console.commands"
    return cast(Command, importlib.import_module(f"{folder_of}.{name}").run)


def ask(options: argparse.Namespace, elsewhere: Place) -> int:
    """Have an instance elsewhere do a command: nothing of a data folder is read or made."""
    set_up(DataFolder(options.data))  # the commands share their words with those of a data folder
    module = importlib.import_module(f"console.remote.commands.{options.command}")
    client = importlib.import_module("console.remote.client").Client
    with client(elsewhere) as instance:
        return cast(int, module.run(options, instance))


def set_up(folder: DataFolder) -> None:
    """Point the settings, of this process and of its children, to a data folder."""
    os.environ["CRAWLBEAT_DATA"] = str(folder.path)
    if not env.text("REDIS_URL"):
        os.environ["CRAWLBEAT_REDIS_SOCKET"] = str(folder.socket())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "djsite.settings")
    django.setup()


def complain(name: str, error: object, status: int) -> int:
    """Say what went wrong in one line."""
    print(f"crawlbeat {name}: {error}", file=sys.stderr)
    return status
