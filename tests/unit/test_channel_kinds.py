"""What each kind of channel sends, and what it says of settings that are wrong."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks import Webhook

from crawler import plugs
from pipelines.killable import in_child
from pipelines.telling import kinds
from pipelines.telling.content import body_of_test
from pipelines.telling.kinds import apprise, discord, mail, ntfy, slack, teams, webhook
from pipelines.telling.kinds.apprise_child import Done, Order
from pipelines.telling.kinds.kind import Sending, check_common, fitted

AT = datetime(2026, 1, 5, 8, tzinfo=UTC)
EVIL = "@everyone <!channel> [x](https://evil.example) **bold** <script>"


def sending(*sentences: str, url: str = "https://shop.example/1", **values: Any) -> Sending:
    events = [{"sentence": each, "url": url, "link": "/records/1/"} for each in sentences]
    given: dict[str, Any] = {
        "uid": "msg_1",
        "subject": sentences[0] if sentences else "Test",
        "body": {**body_of_test(), "events": events, "count": len(events), "test": not events},
        "created_at": AT,
        "at": AT,
        "channel": "Ours",
        "options": {"site": "https://us.example/"},
        "secret": {"url": "https://hooks.example/T/secret", "key": webhook.new_key()},
    }
    return Sending(**{**given, **values})


def test_every_kind_is_found_by_its_name_and_has_what_a_form_needs() -> None:
    for name in kinds.names():
        kind = kinds.kind_of(name)
        assert kind.LABEL and kind.SETTINGS
        assert kind.check({}, {}), f"{name} without any setting is wrong"
    with pytest.raises(ValueError, match="There is no kind of channel 'smoke'"):
        kinds.kind_of("smoke")


def test_a_kind_of_another_package_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "plugged", lambda group: {"smoke": "pipelines.telling.kinds.ntfy"})
    assert kinds.kind_of("smoke") is ntfy
    assert kinds.names()[-1] == "smoke"
    assert plugs.GROUPS[kinds.GROUP] == ("LABEL", "SETTINGS", "check", "send")


def test_a_webhook_names_every_event_and_its_bytes_are_those_of_every_attempt() -> None:
    first, again = sending("a"), sending("a", at=AT.replace(hour=9))
    assert webhook.payload(first) == webhook.payload(again)
    assert json.loads(webhook.payload(first))["timestamp"] == AT.isoformat()


@pytest.mark.parametrize("key", ["", "secret", "whsec_", "whsec_c2hvcnQ=", "whsec_" + "A" * 400])
def test_a_signing_key_that_the_scheme_does_not_allow_is_refused(key: str) -> None:
    assert "whsec_" in webhook.check({}, {"url": "https://a.example", "key": key})["key"]


def test_a_new_signing_key_is_one_that_the_reference_library_takes() -> None:
    key = webhook.new_key()
    assert not webhook.check({}, {"url": "https://a.example", "key": key})
    Webhook(key)


def test_slack_gets_other_peoples_text_as_text() -> None:
    plain = slack.payload(sending(EVIL))
    assert "<" not in plain["text"] and ">" not in plain["text"]
    text, _, link, _ = plain["blocks"][0]["elements"][0]["elements"]
    assert text == {"type": "text", "text": EVIL}
    assert link["url"] == "https://us.example/records/1/"


def test_teams_gets_other_peoples_text_in_runs_that_are_no_markdown() -> None:
    card = teams.payload(sending(EVIL))["attachments"][0]["content"]
    (block,) = card["body"]
    assert block["type"] == "RichTextBlock"
    assert block["inlines"][0] == {"type": "TextRun", "text": EVIL}


def test_discord_mentions_nobody_and_reads_no_markup() -> None:
    plain = discord.payload(sending(EVIL))
    assert plain["allowed_mentions"] == {"parse": []}
    assert r"\*\*bold\*\*" in plain["content"] and r"\[x\]\(" in plain["content"]


def test_ntfy_gets_title_priority_and_the_address_of_a_single_event() -> None:
    values = {"options": {"priority": "5", "site": ""}, "secret": {"url": "https://ntfy.sh/tea"}}
    plain = ntfy.payload(sending("Assam: price 2 → 1", **values))
    assert plain == {
        "topic": "tea",
        "title": "Assam: price 2 → 1",
        "message": "Assam: price 2 → 1",
        "priority": 5,
        "click": "https://shop.example/1",
    }
    assert "click" not in ntfy.payload(sending("a", "b", **values))


def test_no_service_gets_more_than_it_takes() -> None:
    much = sending(*(f"{number} {'ä' * 400}" for number in range(20)))
    assert len(discord.payload(much)["content"]) <= discord.MOST
    assert len(slack.payload(much)["text"]) <= slack.SHORT
    assert len(ntfy.payload(much)["message"].encode()) <= 4096
    assert len(json.dumps(teams.payload(much))) < 28_000


def test_lines_that_do_not_fit_are_counted() -> None:
    assert fitted(["a", "b"], 10) == "a\nb"
    assert fitted(["a" * 50, "b" * 50, "c" * 50], 90) == f"{'a' * 50}\n… and 2 more lines"


def test_a_link_of_another_scheme_is_none() -> None:
    assert list(sending("a", url="javascript:alert(1)", options={}).entries()) == [("a", "")]


def test_a_mail_has_text_and_html_and_says_that_no_person_wrote_it() -> None:
    options = {"to": ["a@b.example"], "sender": "Tea <tea@us.example>", "host": "h", "security": "none"}
    letter = mail.letter(sending("Assam\nBcc: x@y.example", options=options)).message()
    assert letter["Message-ID"] == "<msg_1@us.example>"
    assert (letter["Auto-Submitted"], letter["List-Id"]) == (
        "auto-generated",
        "Crawlbeat <crawlbeat.us.example>",
    )
    assert letter["Bcc"] is None and letter["Subject"] == "Assam Bcc: x@y.example"
    assert [part.get_content_type() for part in letter.walk()][1:] == ["text/plain", "text/html"]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"to": []}, "to"),
        ({"to": ["nobody"]}, "to"),
        ({"sender": "nobody"}, "sender"),
        ({"host": "a host"}, "host"),
        ({"port": "70000"}, "port"),
        ({"security": "perhaps"}, "security"),
    ],
)
def test_wrong_settings_of_a_mail_are_named(options: dict[str, Any], field: str) -> None:
    good = {"to": ["a@b.example"], "sender": "c@d.example", "host": "smtp.example", "security": "tls"}
    assert not mail.check(good, {})
    assert list(mail.check({**good, **options}, {})) == [field]


def test_wrong_networks_and_a_wrong_address_of_the_site_are_named() -> None:
    assert set(check_common({"allow_networks": ["10.0.0.0/99"], "site": "us"})) == {"allow_networks", "site"}
    assert check_common({"allow_networks": ["10.0.0.0/8"], "site": "https://us.example"}) == {}


def test_apprise_says_how_it_is_installed_if_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apprise, "installed", lambda: False)
    assert "pip install 'crawlbeat[apprise]'" in apprise.check({}, {"url": "tgram://a/b"})["url"]
    answer = apprise.send(sending("a"))
    assert not answer.delivered and answer.refused


@pytest.mark.parametrize("address", ["json://127.0.0.1/", "syslog://", "file:///etc/passwd", "no address"])
def test_apprise_takes_no_address_that_leads_to_this_machine(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(apprise, "installed", lambda: True)
    assert apprise.check({}, {"url": address})
    assert not apprise.check({}, {"url": "tgram://bottoken/ChatID"})


def test_the_process_of_apprise_reaches_no_refused_address_and_starts_no_program() -> None:
    done = in_child("tests.harness.child.apprise_guard", Order("", "", "", []), Done)
    assert done.text == "BlockedAddress BlockedAddress PermissionError"
