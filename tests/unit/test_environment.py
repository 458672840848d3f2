"""Settings from variables: what can be written in one, and that a wrong one is named without its secrets."""

from __future__ import annotations

import traceback

import pytest
from psycopg.conninfo import conninfo_to_dict

from djsite import env

URLS = {
    "postgres://crawl:word@db.example:5433/pages": ("crawl", "word", "db.example", 5433, "pages"),
    "postgresql://crawl@db.example/pages": ("crawl", "", "db.example", "", "pages"),
    "postgres://crawl:p%40s%2Fs%3Aw%23o%3Fr%25d@db/pages": ("crawl", "p@s/s:w#o?r%d", "db", "", "pages"),
    "postgres://crawl:w%C3%B6rd@[2001:db8::1]:5432/pages": ("crawl", "wörd", "2001:db8::1", 5432, "pages"),
    "postgres:///pages": ("", "", "", "", "pages"),
    "postgres://crawl@%2FTmp%2Fpg/pages": ("crawl", "", "/Tmp/pg", "", "pages"),
    "postgres://crawl@%2FTmp%2Fpg:5433/pages": ("crawl", "", "/Tmp/pg", 5433, "pages"),
    "postgres://db/my%2Fpages%40home": ("", "", "db", "", "my/pages@home"),
}
FOLDERS = ["postgres://crawl@//Tmp/a folder/pages", "postgres://crawl@/Tmp/a%20folder/pages"]
UNUSABLE = [
    "mysql://crawl:qzxk@db/pages",
    "crawl:qzxk@db/pages",
    "postgres://crawl:qzxk@db",
    "postgres://crawl:qzxk@db/",
    "postgres://crawl:qzxk@db:many/pages",
    "postgres://crawl:qz/xk@db/pages",
    "postgres://crawl:12/qzxk@db/pages",
    "postgres://crawl:12/qzxk@db",
    "postgres://crawl:qz#xk@db/pages",
    "postgres://crawl:12#qzxk@db/pages",
    "postgres://crawl:qz?xk@db/pages",
    "postgres://crawl:qzxk@db/run/postgresql/pages",
    "postgres://crawl:qzxk@[2001:db8::1/pages",
    "postgres://crawl:qzxk@db/pages?sslmode",
]


@pytest.fixture
def read(monkeypatch):
    def read(url: str) -> dict:
        monkeypatch.setenv("DATABASE_URL", url)
        return env.postgresql("DATABASE_URL")

    return read


@pytest.mark.parametrize("url", URLS)
def test_a_database_is_named_by_its_url(read, url):
    database = read(url)
    assert tuple(database[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")) == URLS[url]
    assert (database["ENGINE"], database["OPTIONS"]) == ("django.db.backends.postgresql", {})


@pytest.mark.parametrize("url", URLS)
def test_the_url_means_what_it_means_to_the_client_library(read, url):
    names = {"USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port", "NAME": "dbname"}
    ours = {theirs: str(read(url)[name]) for name, theirs in names.items() if read(url)[name]}
    assert ours == conninfo_to_dict(url)


@pytest.mark.parametrize("url", FOLDERS)
def test_a_socket_is_named_by_its_folder(read, url):
    assert (read(url)["HOST"], read(url)["NAME"]) == ("/Tmp/a folder", "pages")


def test_parameters_of_the_client_library_are_handed_on(read):
    database = read("postgres://db/pages?sslmode=verify-full&options=-c%20statement_timeout%3D5s")
    assert database["OPTIONS"] == {"sslmode": "verify-full", "options": "-c statement_timeout=5s"}


@pytest.mark.parametrize("url", UNUSABLE)
def test_an_unusable_url_is_told_by_its_variable_and_keeps_its_secret(read, url):
    example = "^DATABASE_URL: it must be like postgres://user:password@host:5432/name"
    with pytest.raises(env.BadSetting, match=example) as told:
        read(url)
    assert "qz" not in "".join(traceback.format_exception(told.value))


def test_a_variable_can_be_read_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "url").write_text("postgres://db/pages\n")
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "url"))
    assert env.postgresql("DATABASE_URL")["NAME"] == "pages"
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "missing"))
    with pytest.raises(env.BadSetting, match="^DATABASE_URL_FILE: cannot read .*missing: No such file"):
        env.text("DATABASE_URL")


def test_an_empty_variable_counts_as_none(monkeypatch):
    monkeypatch.setenv("CRAWLBEAT_LOG_LEVEL", "")
    assert env.text("CRAWLBEAT_LOG_LEVEL", "INFO") == "INFO"
    assert env.words("CRAWLBEAT_LOG_LEVEL", "one, two ,") == ["one", "two"]
