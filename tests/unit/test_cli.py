"""The command line: what it understands, and the one line it says of a wrong value."""

from __future__ import annotations

import pytest

from console import arguments, cli
from console.commands import recrawl
from console.output import Output
from embedded.errors import Trouble, UsageError

CRAWL = ["crawl", "http://example.org/", "-o", "pages.jsonl"]


def test_the_defaults_of_crawl_are_polite():
    options = arguments.parse(CRAWL)
    assert (options.scope, options.depth, options.max_pages) == ("host", None, None)
    assert (options.delay, options.per_host) == (1.0, 1)
    assert (options.lane, options.priority) == ("normal", 5)
    assert (options.allow_network, options.field, options.user_agent) == ([], [], None)
    assert not options.all
    assert not options.resume


def test_the_options_of_crawl():
    words = (
        "crawl http://a.example https://b.example/x#top --scope prefix --depth 0 --max-pages 7 --delay 0.5 "
        "--per-host 16 --lane bulk --priority 9 --field title=h1::text --field link=a::attr(href) "
        "--allow-network 127.0.0.1/8 --allow-network ::1 --all --resume --format csv -o -"
    )
    options = arguments.parse(words.split())
    assert options.urls == ["http://a.example/", "https://b.example/x"]
    assert (options.scope, options.depth, options.max_pages) == ("prefix", 0, 7)
    assert (options.delay, options.per_host, options.lane, options.priority) == (0.5, 16, "bulk", 9)
    assert options.field == [{"name": "title", "css": "h1::text"}, {"name": "link", "css": "a::attr(href)"}]
    assert options.allow_network == ["127.0.0.0/8", "::1/128"]
    assert (options.format, options.output) == ("csv", "-")


def test_a_selector_may_hold_an_equals_sign():
    options = arguments.parse([*CRAWL, "--field", "price=span[itemprop=price]::attr(content)"])
    assert options.field == [{"name": "price", "css": "span[itemprop=price]::attr(content)"}]


@pytest.mark.parametrize(
    ("words", "option"),
    [
        ([], "COMMAND"),
        (["frobnicate"], "COMMAND"),
        (["crawl"], "URL"),
        (["crawl", "http://example.org/"], "-o"),
        (["crawl", "example.org", "-o", "f"], "URL"),
        (["crawl", "file:///etc/passwd", "-o", "f"], "URL"),
        (["crawl", "http://", "-o", "f"], "URL"),
        ([*CRAWL, "--scope", "world"], "--scope"),
        ([*CRAWL, "--depth", "-1"], "--depth"),
        ([*CRAWL, "--depth", "deep"], "--depth"),
        ([*CRAWL, "--max-pages", "0"], "--max-pages"),
        ([*CRAWL, "--delay", "-0.1"], "--delay"),
        ([*CRAWL, "--delay", "nan"], "--delay"),
        ([*CRAWL, "--delay", "inf"], "--delay"),
        ([*CRAWL, "--per-host", "65"], "--per-host"),
        ([*CRAWL, "--lane", "fast"], "--lane"),
        ([*CRAWL, "--priority", "10"], "--priority"),
        ([*CRAWL, "--priority", "5.5"], "--priority"),
        ([*CRAWL, "--field", "title"], "--field"),
        ([*CRAWL, "--field", "=h1"], "--field"),
        ([*CRAWL, "--field", "title="], "--field"),
        ([*CRAWL, "--user-agent", ""], "--user-agent"),
        ([*CRAWL, "--user-agent", "two\nlines"], "--user-agent"),
        ([*CRAWL, "--allow-network", "localhost"], "--allow-network"),
        ([*CRAWL, "--allow-network", "127.0.0.0/33"], "--allow-network"),
        ([*CRAWL, "--format", "xml"], "--format"),
        (["crawl", "-o", "f.csv", "http://me:secret@a.test/"], "user name"),
        (["crawl", "-o", "f.csv", "http://a.test:99999/"], "not a web address"),
        ([*CRAWL, "--max", "3"], "--max"),  # no guessing at half an option
        (["up", "--port", "0"], "--port"),
        (["up", "--port", "65536"], "--port"),
        (["up", "--port", "http"], "--port"),
        (["demo", "--host", "0.0.0.0"], "--host"),
        (["export", "links", "-o", "f"], "kind"),
        (["export", "pages"], "-o"),
        (["export", "pages", "--run", "last", "-o", "f"], "--run"),
        (["export", "pages", "--as-of", "soon", "-o", "f"], "is no time; write one such as"),
        (["export", "pages", "--as-of", "2999-01-01", "-o", "f"], "is still to come"),
        (["export", "pages", "--run", "-3", "-o", "f"], "--run"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_the_option(words, option, capsys):
    with pytest.raises(SystemExit) as stopped:
        arguments.parse(words)
    assert stopped.value.code == 2
    told = capsys.readouterr().err
    assert option in told
    assert told.startswith("crawlbeat")
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [([], "name URLs, a seed"), (["http://a.test/", "--host", "http://a.test/"], "--host")],
)
def test_a_recrawl_names_its_pages_in_one_way(words, told):
    with pytest.raises(UsageError, match=told):
        recrawl.check(arguments.parse(["recrawl", *words]))
    recrawl.check(arguments.parse(["recrawl", "--seed", "a", "--host", "http://a.test/x"]))


def test_words_after_manage_and_test_are_passed_on():
    assert arguments.parse(["manage", "shell", "--help"]).rest == ["shell", "--help"]
    assert arguments.parse(["test", "-k", "x", "--version"]).rest == ["-k", "x", "--version"]


@pytest.mark.parametrize("command", ["test", "bench"])
def test_help_of_what_is_passed_on_needs_none_of_its_packages(command, capsys):
    with pytest.raises(SystemExit) as stopped:
        arguments.parse([command, "--help"])
    assert stopped.value.code == 0
    assert "installs the packages of the developers" in " ".join(capsys.readouterr().out.split())


def test_the_demo_keeps_its_data_apart(monkeypatch, tmp_path):
    monkeypatch.delenv("CRAWLBEAT_DATA")
    assert arguments.parse(["demo"]).data == arguments.ROOT / "var" / "demo"
    assert arguments.parse(["up"]).data == arguments.ROOT / "var"
    assert arguments.parse(["demo", "--data", str(tmp_path)]).data == tmp_path
    monkeypatch.setenv("CRAWLBEAT_DATA", str(tmp_path))
    assert arguments.parse(["demo"]).data == tmp_path


def test_the_data_folder_comes_from_the_option_then_the_environment_then_the_clone(monkeypatch, tmp_path):
    monkeypatch.delenv("CRAWLBEAT_DATA")
    assert arguments.parse(["status"]).data == arguments.ROOT / "var"
    monkeypatch.setenv("CRAWLBEAT_DATA", str(tmp_path))
    assert arguments.parse(["status"]).data == tmp_path
    assert arguments.parse(["status", "--data", "/elsewhere"]).data.as_posix() == "/elsewhere"


@pytest.mark.parametrize("command", ["up", "status", "doctor", "demo", "crawl", "recrawl", "export"])
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as stopped:
        arguments.parse([command, "--help"])
    assert stopped.value.code == 0
    assert "--data DIR" in capsys.readouterr().out


def test_a_data_folder_that_cannot_be_is_wrong_usage(tmp_path, capsys):
    file = tmp_path / "file"
    file.touch()
    assert cli.main(["up", "--data", str(file)]) == 2
    assert capsys.readouterr().err == f"crawlbeat up: --data: {file} is not a folder\n"


def test_a_full_disk_is_said_in_one_line():
    with (
        pytest.raises(Trouble, match="-o: /dev/full cannot be written"),
        Output("/dev/full", "csv").open() as file,
    ):
        file.write(b"x")
