"""Commands that ask an instance by its API say what the same commands say on its data folder."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from django.core.wsgi import get_wsgi_application
from django_celery_results.models import TaskResult

from catalog.models import Channel, Export, Run, Seed
from console import arguments
from console.remote.client import Client
from console.remote.place import Place, check_command
from console.trial_lines import lines
from djsite.desk.access import tokens
from embedded.datadir import DataFolder
from embedded.errors import UsageError
from pipelines.export import make_export
from pipelines.trying.trial import Offered, Trial
from scheduler import dispatch
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("archive", "valkey", "connection_stays")]
Say = Callable[..., tuple[int, str]]


@pytest.fixture
def seed() -> Seed:
    return factories.shop(rounds=2)


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of this site in this process; while it waits, files are made."""
    made = tokens.make(factories.make_user("program", "operator"), "program", "operator", None)
    transport = httpx.WSGITransport(app=get_wsgi_application())
    with Client(Place("http://localhost", made.secret), transport, _work) as client:
        yield client


def _work(seconds: float) -> None:
    for export in Export.objects.filter(state=Export.State.WAITING):
        make_export(export.pk, factories.NOW)


@pytest.fixture
def here(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """A command on the data folder: its exit status, and what it prints."""

    def say(*words: str) -> tuple[int, str]:
        command = importlib.import_module(f"console.commands.{words[0]}")
        if hasattr(command, "no_database"):
            monkeypatch.setattr(command, "no_database", lambda: None)
        options = arguments.parse(list(words))
        status = command.run(options, DataFolder(options.data))
        return status, "".join(capfd.readouterr())

    return say


@pytest.fixture
def there(capfd: pytest.CaptureFixture[str], client: Client) -> Say:
    """The same by the API."""

    def say(*words: str) -> tuple[int, str]:
        command = importlib.import_module(f"console.remote.commands.{words[0]}")
        status = command.run(arguments.parse(list(words)), client)
        return status, "".join(capfd.readouterr())

    return say


@pytest.mark.parametrize(
    "words",
    [
        "seeds list",
        "seeds list --json",
        "seeds export -o -",
        "explain http://shop.example/nothing",
        "explain http://shop.example/ --json",
        "changes -o -",
        "alerts",
        "notify",
    ],
)
def test_both_say_the_same(here: Say, there: Say, seed: Seed, words: str):
    Channel.objects.create(name="Hook", kind="webhook")
    assert there(*words.split()) == here(*words.split())


def test_an_export_is_the_same_file_and_has_a_manifest(here: Say, there: Say, seed: Seed, tmp_path: Path):
    files = [tmp_path / "here.csv", tmp_path / "there.csv"]
    for say, file in zip((here, there), files, strict=True):
        assert say("export", "--seed", seed.name, "-o", str(file)) == (0, f"{4 * 3} records\n")
    assert files[0].read_bytes() == files[1].read_bytes()
    assert json.loads((tmp_path / "there.csv.manifest.json").read_text())["rows"] == 12


def test_a_file_of_seeds_is_compared_and_brought_in(there: Say, here: Say, tmp_path: Path):
    file = tmp_path / "seeds.yaml"
    file.write_text("seeds:\n  - name: Teas\n    start_urls: [https://tea.example/]\n    schedule: manual\n")
    assert there("seeds", "diff", str(file)) == here("seeds", "diff", str(file))
    status, text = there("seeds", "import", str(file))
    assert (status, Seed.objects.get().name) == (0, "Teas")
    assert text.startswith("+ Teas")
    file.write_text("seeds:\n  - name: Teas\n    start_urls: [tea]\n    delay: slow\n")
    assert there("seeds", "import", str(file)) == here("seeds", "import", str(file))


def test_addresses_become_a_seed(there: Say):
    status, text = there("seeds", "add", "https://tea.example/", "--name", "Teas")
    assert (status, text) == (0, "1 new, 0 known, 0 doubled, 0 wrong (text).\nThe seed 'Teas' was made.\n")


def test_a_recrawl_is_ordered_and_what_cannot_be_is_told(there: Say, seed: Seed):
    status, text = there("recrawl", "--seed", seed.name)
    assert status == 0
    assert f"of “{seed.name}” fetched again now" in text
    status, text = there("recrawl", "http://nowhere.example/")
    assert status == 1
    assert text.startswith("crawlbeat recrawl: http://nowhere.example/")


def test_the_state_is_told(there: Say, seed: Seed):
    run = factories.make_run(seed, Run.State.OPEN)
    status, text = there("status")
    assert status == 1
    assert text.startswith("Crawlbeat is running at http://localhost.")
    assert f"run {run.pk} of {seed.name!r}: open" in text
    assert "Problem: " in text


def test_pages_are_tried_there_and_shown_as_here(
    there: Say, client: Client, monkeypatch: pytest.MonkeyPatch, seed: Seed
):
    """The worker is this process, between two looks of the client."""
    monkeypatch.setattr(dispatch, "try_page", lambda *order: orders.append(order) or f"key-{len(orders)}")
    orders: list[Any] = []
    offer = Offered(name="teas", reason="a table", records=2, collection={"fields": []}, samples=[{"a": "b"}])
    page = Trial(url="http://shop.example/", title="Teas", offered=[offer])
    trials = [page, Trial(url="http://shop.example/2", verdict="blocked")]

    def work(seconds: float) -> None:
        number = len(orders)
        result = {"trial": msgspec.to_builtins(trials[number - 1]), "seed": orders[-1][1], "body": None}
        result |= {"collections": [], "networks": []}
        values = {"task_name": "try_page", "status": "SUCCESS", "result": json.dumps(result)}
        TaskResult.objects.create(task_id=f"key-{number}", **values)

    client.sleep = work
    words = ("--seed", seed.name, "--field", "name=h1", "http://shop.example/", "http://shop.example/2")
    status, text = there("try", *words)
    assert (status, text) == (1, "".join(f"{line}\n" for trial in trials for line in lines(trial)))
    assert "teas: 2 records" in text and "a: b" in text
    assert [(url, of, rules[0]["fields"][0]["name"]) for url, of, rules, *_ in orders] == [
        ("http://shop.example/", seed.pk, "name"), ("http://shop.example/2", seed.pk, "name")
    ]  # fmt: skip
    orders.clear()
    TaskResult.objects.all().delete()
    assert json.loads(there("try", "--json", "http://shop.example/")[1]) == trials[0].plain()


def test_a_command_that_makes_no_sense_elsewhere_says_what_to_do_there():
    place = Place("https://crawl.example", "cb_x")
    with pytest.raises(UsageError, match="make a seed .*unset CRAWLBEAT_URL"):
        check_command(arguments.parse(["crawl", "http://shop.example/", "-o", "-"]), place)
    check_command(arguments.parse(["try", "http://shop.example/"]), place)


def test_a_test_of_a_channel_that_does_not_arrive(
    there: Say, client: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(dispatch, "deliver", lambda pk: None)
    channel = Channel.objects.create(name="Hook", kind="webhook")

    def give_up(seconds: float) -> None:
        channel.messages.update(state="given_up")

    client.sleep = give_up
    status, text = there("notify", "--test", "Hook")
    assert (status, text) == (1, "The test did not arrive: It was not tried.\n")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("changes --seed none -o -", "--seed: there is no seed 'none'"),
        ("changes --since x -o -", "--since: "),
        ("explain ftp://a.example/", "ftp"),
        ("alerts try 9", "N: there is no alert 9"),
        ("export --run 9 -o -", "--run: no run 9"),
        ("seeds export none", "NAME: there is no seed"),
        ("try http://127.0.0.1/", "URL: "),
        ("try --stored http://shop.example/", "--stored: stored versions are tried on a data folder"),
        ("try --seed none http://shop.example/", "--seed: there is no seed 'none'"),
    ],
)
def test_a_wrong_value_is_named_as_ever(there: Say, words: str, sentence: str):
    with pytest.raises(UsageError) as error:
        there(*words.split())
    assert sentence in str(error.value)
