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


def test_roles_of_groups_are_pairs_and_a_group_may_hold_an_equals_sign(monkeypatch):
    monkeypatch.setenv("ROLES", "CN=ops=operator, all=viewer")
    assert env.pairs("ROLES", ("viewer", "operator")) == [("CN=ops", "operator"), ("all", "viewer")]


@pytest.mark.parametrize("value", ["ops", "=viewer", "ops=king", "ops="])
def test_a_group_without_a_role_is_refused(monkeypatch, value):
    monkeypatch.setenv("ROLES", value)
    with pytest.raises(env.BadSetting, match="ROLES: .* must be NAME=ROLE"):
        env.pairs("ROLES", ("viewer", "operator"))


@pytest.mark.parametrize(
    ("value", "is_right"),
    [
        ("", True),
        ("https://login.example.org/realms/x", True),
        ("http://127.0.0.1:8080", True),
        ("http://login.example.org", False),
        ("login.example.org", False),
        ("https://", False),
    ],
)
def test_a_provider_is_asked_with_tls(monkeypatch, value, is_right):
    monkeypatch.setenv("ISSUER", value)
    if is_right:
        assert env.issuer("ISSUER") == value
    else:
        with pytest.raises(env.BadSetting, match="ISSUER: .* must begin with https://"):
            env.issuer("ISSUER")


def test_words_and_networks_and_libraries_that_are_none_are_refused(monkeypatch):
    monkeypatch.setenv("NAME", "King")
    with pytest.raises(env.BadSetting, match="NAME: 'king' is none of viewer, operator"):
        env.choice("NAME", ("viewer", "operator"))
    with pytest.raises(env.BadSetting, match="NAME: 'King' does not appear to be"):
        env.networks("NAME")
    with pytest.raises(
        env.BadSetting, match=r"NAME: no_such_module is missing: pip install 'crawlbeat\[sso\]'"
    ):
        env.libraries("NAME", "sso", ("json", "no_such_module"))


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


def test_a_number_and_a_word_can_be_read_from_a_file_too(monkeypatch, tmp_path):
    (tmp_path / "pool").write_text("12\n")
    (tmp_path / "https").write_text("yes\n")
    monkeypatch.setenv("CRAWLBEAT_POOL_FILE", str(tmp_path / "pool"))
    monkeypatch.setenv("CRAWLBEAT_HTTPS_FILE", str(tmp_path / "https"))
    assert env.integer("CRAWLBEAT_POOL", 16) == 12
    assert env.boolean("CRAWLBEAT_HTTPS") is True


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("CRAWLBEAT_ARCHVE", "CRAWLBEAT_ARCHIVE"),
        ("CRAWLBEAT_CONTAKT", "CRAWLBEAT_CONTACT"),
        ("CRAWLBEAT_POOLS", "CRAWLBEAT_POOL"),
        ("CRAWLBEAT_FETCH_DEADLINES", "CRAWLBEAT_FETCH_DEADLINE"),
        ("CRAWLBEAT_S3_BUCKET_FIL", "CRAWLBEAT_S3_BUCKET_FILE"),
        ("CRAWLBEAT_https", None),
        ("CRAWLBEAT_SESSION_SECONDS", None),
        ("CRAWLBEAT_MY_OWN", None),
    ],
)
def test_a_misspelt_variable_is_refused_with_the_name_that_is_meant(monkeypatch, misspelt, meant):
    monkeypatch.setenv(misspelt, "1")
    if meant is None:
        assert misspelt in env.unknown_variables()
        return
    with pytest.raises(env.BadSetting, match=f"^{misspelt} is no setting; did you mean {meant}\\?$"):
        env.unknown_variables()


def test_what_others_read_is_known(monkeypatch):
    for name in env.OF_OTHERS:
        monkeypatch.setenv(name, "1")
    assert not env.OF_OTHERS & set(env.unknown_variables())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "is empty"), (b" \n", "is empty"), (b"abc\n", "is cut off"), (b"\xff" * 60, "cannot be read")],
)
def test_a_damaged_key_is_refused_and_never_replaced(tmp_path, content, sentence):
    file = tmp_path / "secret_key"
    file.write_bytes(content)
    with pytest.raises(env.BadSetting, match=f"{sentence}.*restore it from a backup"):
        env.key_file(file, "all is lost")
    assert file.read_bytes() == content


def test_a_key_is_read_and_none_is_no_key(tmp_path):
    assert env.key_file(tmp_path / "secret_key", "all is lost") == ""
    (tmp_path / "secret_key").write_text("k" * 60 + "\n")
    assert env.key_file(tmp_path / "secret_key", "all is lost") == "k" * 60


def test_an_empty_variable_counts_as_none(monkeypatch):
    monkeypatch.setenv("CRAWLBEAT_LOG_LEVEL", "")
    assert env.text("CRAWLBEAT_LOG_LEVEL", "INFO") == "INFO"
    assert env.words("CRAWLBEAT_LOG_LEVEL", "one, two ,") == ["one", "two"]
