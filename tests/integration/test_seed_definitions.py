"""One definition of a seed: whatever front somebody writes it in, the same is accepted, in the same words."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.forms.models import model_to_dict

from catalog.models import Seed
from console import arguments
from console.adhoc_seed import OPTIONS, check_seed
from crawler.seeds import check
from djsite.browse.seed_form import SeedForm
from embedded.errors import UsageError

URL = "https://shop.example.org/"
OK = ""
PRIVATE = "is not on the public internet"

# What is written beside a good start URL, and what is said of it: of the field that is written last.
DEFINITIONS: list[tuple[dict[str, Any], str]] = [
    ({"start_urls": URL}, OK),
    ({"start_urls": "http://shop.example.org"}, OK),
    ({"start_urls": "HTTPS://Shop.Example.ORG:8443/a?b=c#d"}, OK),
    ({"start_urls": "https://müller.example/straße"}, OK),
    ({"start_urls": "http://[2606:2800:220:1::1]/"}, OK),
    ({"start_urls": "shop.example.org"}, "'shop.example.org' has no http:// or https:// before it."),
    ({"start_urls": "shop.example.org:8080/x"}, "Did you mean https://shop.example.org:8080/x?"),
    ({"start_urls": "ftp://shop.example.org/"}, "only addresses with http:// or https:// can."),
    ({"start_urls": "javascript:alert(1)"}, "only addresses with http:// or https:// can."),
    ({"start_urls": "file:///etc/passwd"}, "only addresses with http:// or https:// can."),
    ({"start_urls": "https://[bad/"}, "'https://[bad/' is not a web address: not a valid URL."),
    ({"start_urls": "http://a.test:99999/"}, "is not a web address"),
    ({"start_urls": "http://me:secret@shop.example/"}, "holds a user name or password. Leave it out"),
    ({"start_urls": "http://127.0.0.1:8000/"}, PRIVATE),
    ({"start_urls": "http://localhost/"}, PRIVATE),
    ({"start_urls": "http://0x7f000001/"}, PRIVATE),
    ({"start_urls": "http://[::ffff:10.0.0.1]/"}, PRIVATE),
    ({"start_urls": "http://169.254.169.254/latest/"}, PRIVATE),
    ({"allow_networks": "10.0.0.0/8", "start_urls": "http://10.1.2.3/"}, OK),
    ({"allow_networks": "10.0.0.0/8", "start_urls": "http://11.1.2.3/"}, OK),
    ({"allow_networks": "10.0.0.0/8", "start_urls": "http://192.168.1.1/"}, PRIVATE),
    ({"allow_networks": "10.1.2.3/8"}, OK),
    ({"allow_networks": "fd00::/8"}, OK),
    ({"allow_networks": "10.0.0.0/33"}, "Write it like 10.0.0.0/8 or fd00::/8."),
    ({"allow_networks": "localhost"}, "'localhost' is not a network."),
    ({"sitemaps": "https://shop.example.org/sitemap.xml"}, OK),
    ({"sitemaps": "sitemap.xml"}, "Did you mean https://sitemap.xml?"),
    ({"sitemaps": "http://10.0.0.1/sitemap.xml"}, PRIVATE),
    ({"include": "*/products/*"}, OK),
    ({"include": r"re:/p/\d+$"}, OK),
    ({"include": "re:("}, "is not a regular expression"),
    ({"include": "*" * 501}, "The pattern is longer than 500 characters."),
    ({"exclude": "https://shop.example.org/a?c"}, OK),
    ({"exclude": "products"}, "can never match: a pattern stands for a whole URL."),
    ({"ignore_params": "ref"}, OK),
    ({"ignore_params": "ref_*"}, OK),
    ({"ignore_params": "a=b"}, "'a=b' is not the name of a parameter."),
    ({"headers": "Accept-Language: de"}, OK),
    ({"headers": "Cookie:a=b; c=d"}, OK),
    ({"headers": "Accept-Language de"}, "has no colon. Write 'Name: value'"),
    ({"headers": "X Y: 1"}, "'X Y' cannot be the name of a header."),
    ({"headers": "X-A: für"}, "The value of 'X-A' holds characters that no header may have."),
    ({"headers": "User-Agent: me"}, "Write the user agent in its own box"),
    ({"headers": "Host: other.example"}, "'Host' is written by Crawlbeat itself. Leave it out."),
    ({"headers": "Range: bytes=0-1"}, "'Range' is written by Crawlbeat itself. Leave it out."),
    ({"headers": "If-Range: x"}, "'If-Range' is written by Crawlbeat itself. Leave it out."),
    ({"headers": "If-Match: x"}, "'If-Match' is written by Crawlbeat itself. Leave it out."),
    ({"headers": "If-Unmodified-Since: x"}, "'If-Unmodified-Since' is written by Crawlbeat itself."),
    ({"headers": "Expect: 100-continue"}, "'Expect' is written by Crawlbeat itself. Leave it out."),
    ({"fields": "title = h1::text"}, OK),
    ({"fields": "price = span[itemprop=price]::attr(content)"}, OK),
    ({"fields": "title h1"}, "is not a field. Write 'name = selector', for example 'title = h1::text'."),
    ({"fields": "1st = h1"}, "'1st' cannot be a field's name."),
    ({"fields": "title = h1["}, "is not a CSS selector that can be used"),
    ({"fields": "title = h1\ntitle = h2"}, "The name 'title' is used twice."),
    ({"user_agent": "Bot/1.0 (+https://example.org/bot)"}, OK),
    ({"user_agent": "Böt/1.0"}, "Use letters without accents, digits and signs only"),
    ({"max_depth": 0}, OK),
    ({"max_depth": -1}, "Ensure this value is greater than or equal to 0."),
    ({"max_depth": 32_768}, "Ensure this value is less than or equal to 32767."),
    ({"max_pages": 0}, "Ensure this value is greater than or equal to 1."),
    ({"delay": 0}, OK),
    ({"delay": 3601}, "Ensure this value is less than or equal to 3600."),
    ({"per_host": 65}, "Ensure this value is less than or equal to 64."),
    ({"priority": 10}, "Ensure this value is less than or equal to 9."),
    ({"noise": "css: .ads\nre: Seen [0-9]+ times\ndates"}, OK),
    ({"noise": "css: body"}, "leaves out whole pages"),
    ({"noise": "re: .*"}, "where nothing stands"),
    ({"noise": "ads"}, "says not what to leave out"),
    ({"change_means": "fields"}, OK),
    ({"keep_versions": 1}, "greater than or equal to 2"),
]
# The command line runs once: what follows is written in the form, in fixtures and by programs.
SCHEDULES: list[tuple[dict[str, Any], str]] = [
    ({"schedule": "cron", "cron": "0 8 * * 1-5", "time_zone": "Europe/Berlin"}, OK),
    ({"schedule": "interval", "interval_seconds": 3600}, OK),
    ({"schedule": "manual", "cron": "nonsense"}, OK),
    ({"schedule": "cron", "cron": ""}, "Write a cron line, for example '0 8 * * *'"),
    ({"schedule": "cron", "cron": "* * *"}, "A cron line has five parts"),
    ({"schedule": "cron", "cron": "61 * * * *"}, "The minute of this cron line cannot be '61'."),
    ({"schedule": "cron", "cron": "0 0 31 2 *"}, "cannot be '31'"),
    ({"schedule": "interval", "interval_seconds": None}, "Write how often, for example every 6 hours."),
    ({"schedule": "interval", "interval_seconds": 367 * 86400}, "Choose at most 366 days."),
    ({"obey_robots": False, "robots_reason": ""}, "Write down why robots.txt may be ignored, or obey it."),
    ({"obey_robots": False, "robots_reason": "Our own shop."}, OK),
    ({"catch_up_limit": 101}, "Ensure this value is less than or equal to 100."),
]

pytestmark = pytest.mark.django_db


def seed_of(written: dict[str, Any]) -> Seed:
    """A seed with this, and all else in order; fields are rules, as programs write them."""
    plain = {"name": "Shop", "start_urls": URL, "schedule": "manual"} | written
    if isinstance(plain.get("fields"), str):
        lines = (line.partition("=") for line in plain["fields"].splitlines())
        plain["fields"] = [{"name": name.strip(), "css": css.strip()} for name, _, css in lines]
    return Seed(**plain)


def said_by_check(written: dict[str, Any]) -> dict[str, str]:
    problems = check(seed_of(written).written())[1]
    return {problem.field: str(problem) for problem in problems}


def said_by_clean(written: dict[str, Any]) -> dict[str, str]:
    try:
        seed_of(written).full_clean()
    except ValidationError as error:
        return {field: " ".join(texts) for field, texts in error.message_dict.items()}
    return {}


def said_by_form(written: dict[str, Any]) -> dict[str, str]:
    data = model_to_dict(Seed(name="Shop", start_urls=URL, schedule="manual")) | written
    data["rules"] = data.pop("fields") if "fields" in written else ""
    seconds = data.pop("interval_seconds", None)
    data |= {"every": seconds // 86400 if seconds and seconds > 86400 else seconds and seconds // 3600}
    data["unit"] = "days" if seconds and seconds > 86400 else "hours"
    form = SeedForm({name: value for name, value in data.items() if value is not None and value is not False})
    names = {"rules": "fields", "every": "interval_seconds"}
    return {names.get(field, field): " ".join(texts) for field, texts in form.errors.items()}


def said_by_command(written: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> str:
    repeatable = {
        "allow_networks": "--allow-network", "sitemaps": "--sitemap", "include": "--include",
        "exclude": "--exclude", "noise": "--noise",
        "ignore_params": "--ignore-param", "headers": "--header", "fields": "--field",
    }  # fmt: skip
    once = {
        "user_agent": "--user-agent", "max_depth": "--depth", "max_pages": "--max-pages", "delay": "--delay",
        "per_host": "--per-host", "priority": "--priority", "change_means": "--change-means",
        "keep_versions": "--keep-versions",
    }  # fmt: skip
    words = ["crawl", *written.get("start_urls", URL).splitlines(), "-o", "-"]
    for field, value in written.items():
        if field in repeatable:
            words += [f"{repeatable[field]}={line}" for line in value.splitlines()]
        elif field in once:
            words.append(f"{once[field]}={value}")
    try:
        check_seed(arguments.parse(words))
    except SystemExit as stopped:
        assert stopped.code == 2
        return capsys.readouterr().err
    except UsageError as error:
        return str(error)
    return ""


def test_there_are_sixty_and_more():
    assert len(DEFINITIONS) >= 60
    assert sum(sentence == OK for _, sentence in DEFINITIONS) >= 20


@pytest.mark.parametrize(("written", "sentence"), DEFINITIONS)
def test_every_front_says_the_same(written, sentence, capsys):
    field = list(written)[-1]
    by_check, by_clean, by_form = said_by_check(written), said_by_clean(written), said_by_form(written)
    by_command = said_by_command(written, capsys)
    if sentence == OK:
        assert (by_check, by_clean, by_form, by_command) == ({}, {}, {}, "")
        return
    assert set(by_check) == set(by_clean) == set(by_form) == {field}
    assert sentence in by_form[field]
    assert sentence in by_command
    if not sentence.startswith("is not a field"):  # programs write no lines
        assert by_check == by_clean == by_form
    if field != "start_urls":  # which the command line shows as they will be requested
        assert re.sub(r"^Line \d: ", "", by_form[field]) in by_command


@pytest.mark.parametrize(("written", "sentence"), SCHEDULES)
def test_a_schedule_and_a_reason_too(written, sentence):
    told = [said_by_check(written), said_by_clean(written), said_by_form(written)]
    assert told[0] == told[1] == told[2]
    assert sentence in " ".join(told[0].values())
    assert bool(sentence) == bool(told[0])


@pytest.mark.parametrize(("written", "sentence"), [*DEFINITIONS[5:8], *DEFINITIONS[43:49], *SCHEDULES[3:6]])
def test_a_fixture_is_checked_too(written, sentence, tmp_path):
    seed = seed_of(written)
    columns = {name: getattr(seed, name) for name in seed_of(written).written()}
    file = tmp_path / "seeds.json"
    file.write_text(
        json.dumps([{"model": "catalog.seed", "fields": columns | {"updated_at": "2026-11-26T08:00Z"}}])
    )
    with pytest.raises(ValidationError) as refused:
        call_command("loaddata", str(file), verbosity=0)
    assert sentence in str(refused.value)
    assert not Seed.objects.exists()


def test_what_is_wrong_is_named_for_an_option_that_the_command_line_has(capsys):
    with pytest.raises(SystemExit):
        arguments.parse(["crawl", "--help"])
    explained = capsys.readouterr().out
    assert all(option in explained for option in OPTIONS.values())
