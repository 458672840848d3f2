"""Who is let in by a provider, as what, and which proofs are none."""

from __future__ import annotations

import time

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from joserfc.jwk import ECKey, OctKey

from djsite.desk.people import changing
from djsite.desk.people.listing import Role, role_of
from djsite.sso.models import Identity
from tests import fakeoidc
from tests.factories import log_in, make_user
from tests.fakeoidc import Provider
from tests.sso.conftest import at_provider, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> User:
    return make_user("root", None, is_superuser=True, is_staff=True)


@pytest.fixture
def invited(root: User) -> User:
    return changing.invite(root, "Anna@example.org", Role.OPERATOR)


def said(answer) -> str:
    return answer.content.decode()


def notes_of(person: User) -> list[str]:
    return [
        entry.change_message for entry in LogEntry.objects.filter(object_id=str(person.pk)).order_by("pk")
    ]


def test_whoever_was_invited_comes_in_with_the_role_of_the_invitation(
    client: Client, provider: Provider, invited: User
):
    assert "Sign in with Our directory" in said(client.get("/login/?next=/runs/"))
    provider.person |= {"preferred_username": "anna b"}
    answer = sign_in(client, provider, "?next=/runs/")
    assert (answer.status_code, answer["Location"]) == (302, "/runs/")
    invited.refresh_from_db()
    assert (invited.username, invited.is_active, role_of(invited)) == ("anna-b", True, Role.OPERATOR)
    assert client.get("/runs/").status_code == 200
    assert notes_of(invited)[1:] == ["Took the invitation by Our directory", "Signed in by Our directory"]
    assert not invited.has_usable_password()


def test_somebody_is_known_by_the_subject_and_not_by_a_name(
    client: Client, provider: Provider, invited: User
):
    sign_in(client, provider)
    provider.person = {"sub": "1", "email": "married@example.org", "email_verified": True}
    assert sign_in(Client(), provider).status_code == 302
    provider.person = {"sub": "2", "email": "anna@example.org", "email_verified": True}
    refused = sign_in(Client(), provider)
    assert refused.status_code == 403
    assert "There is an account with your mail address" in said(refused)
    assert Identity.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"nonce": "of another sign-in"}, "invalid claim"),
        ({"nonce": None}, "missing claim"),
        ({"aud": "another-program"}, "invalid claim"),
        ({"iss": "https://elsewhere.example"}, "invalid claim"),
        ({"exp": int(time.time()) - 120}, "expired token"),
        ({"exp": None}, "missing claim"),
        ({"iat": int(time.time()) + 600}, "invalid"),
        ({"aud": ["crawlbeat", "another"]}, "for another program"),
        ({"aud": ["crawlbeat", "another"], "azp": "another"}, "for another program"),
        ({"sub": None}, "missing claim"),
    ],
)
def test_a_proof_of_something_else_is_none(client, provider, invited, changed, words):
    provider.changed = changed
    answer = sign_in(client, provider)
    assert answer.status_code == 403
    assert words in said(answer)
    assert "_auth_user_id" not in client.session


def test_a_proof_for_several_programs_names_ours(client: Client, provider: Provider, invited: User):
    provider.changed = {"aud": ["crawlbeat", "another"], "azp": "crawlbeat"}
    assert sign_in(client, provider).status_code == 302


def test_only_the_key_of_the_provider_signs(client: Client, provider: Provider, invited: User):
    provider.signs_with = ECKey.generate_key("P-256", {"kid": "now"})
    answer = sign_in(client, provider)
    assert answer.status_code == 403
    assert "bad signature" in said(answer)
    provider.signs_with, provider.algorithm = OctKey.import_key(fakeoidc.SECRET * 3), "HS256"
    assert sign_in(client, provider).status_code == 403
    assert "_auth_user_id" not in client.session


def test_a_new_key_of_the_provider_is_in_force_at_once(client, provider, invited, monkeypatch):
    new = ECKey.generate_key("P-256", {"kid": "now", "use": "sig", "alg": "ES256"})
    monkeypatch.setattr(provider, "key", new)
    provider.signs_with = new
    assert sign_in(client, provider).status_code == 302


def test_a_way_back_that_nobody_took_here_leads_nowhere(client: Client, provider: Provider, invited: User):
    address = at_provider(provider, client.get("/login/with/"))
    assert "not begun in this browser" in said(Client().get(address))
    wrong = client.get(address.replace("state=", "state=x"))
    assert (wrong.status_code, "not the answer" in said(wrong)) == (400, True)
    assert client.get(address).status_code == 400  # what was begun is over with the first answer
    other = at_provider(provider, client.get("/login/with/")).partition("&iss=")[0]
    assert "Somebody else than" in said(client.get(f"{other}&iss=https://elsewhere.example"))


def test_a_code_is_good_once_and_a_refusal_is_a_sentence(client: Client, provider: Provider, invited: User):
    address = at_provider(provider, client.get("/login/with/"))
    provider._codes.clear()
    assert "did not take the code" in said(client.get(address))
    state = client.get("/login/with/")["Location"].partition("&state=")[2].partition("&")[0]
    assert "did not let you in" in said(client.get(f"/login/back/?error=access_denied&state={state}"))


def test_an_address_that_nobody_has_verified_takes_no_invitation(client, provider, invited):
    provider.person["email_verified"] = False
    answer = sign_in(client, provider)
    assert answer.status_code == 403
    assert "has not verified your mail address" in said(answer)
    del provider.person["email_verified"]
    assert sign_in(client, provider).status_code == 403


def test_an_unknown_person_stays_out_unless_the_settings_let_them_in(client, provider, root, settings):
    answer = sign_in(client, provider)
    assert (answer.status_code, "Nobody has invited you" in said(answer)) == (403, True)
    assert User.objects.count() == 1
    settings.OIDC_JOIN = "viewer"
    assert sign_in(client, provider).status_code == 302
    anna = User.objects.get(username="anna")
    assert (role_of(anna), anna.email) == (Role.VIEWER, "anna@example.org")


def test_what_the_token_lacks_is_asked_of_userinfo(client: Client, provider: Provider, invited: User):
    provider.person = {"sub": "1"}
    provider.userinfo = {"email": "anna@example.org", "email_verified": True}
    assert sign_in(client, provider).status_code == 302
    provider.userinfo = {"sub": "2"}
    assert "somebody else" in said(sign_in(Client(), provider))


def test_an_address_is_not_verified_by_what_is_said_of_another(client, provider, invited):
    del provider.person["email_verified"]
    provider.userinfo = {"email": "other@example.org", "email_verified": True}
    assert sign_in(client, provider).status_code == 403
    provider.userinfo = {"email": "anna@example.org", "email_verified": True}
    assert sign_in(client, provider).status_code == 302


@pytest.mark.parametrize(
    "person",
    [{"sub": "1" * 256}, {"sub": "1\0"}, {"email": "\0@example.org"}, {"email": ["anna@example.org"]}],
)
def test_what_no_row_can_keep_is_refused(client, provider, invited, person):
    provider.person |= person
    assert sign_in(client, provider).status_code == 403


def test_groups_give_roles_and_take_them(client: Client, provider: Provider, root: User, settings):
    settings.OIDC_ROLES = [
        ("crawl/ops", "operator"),
        ("crawl/all", "viewer"),
        ("crawl/root", "administrator"),
    ]
    provider.person["groups"] = ["crawl/all", "crawl/ops", "others"]
    assert sign_in(client, provider).status_code == 302
    anna = User.objects.get(username="anna")
    assert role_of(anna) == Role.OPERATOR
    provider.person["groups"] = ["crawl/root"]
    sign_in(Client(), provider)
    anna = User.objects.get(username="anna")
    assert role_of(anna) == Role.ADMINISTRATOR
    provider.person["groups"] = "crawl/all"
    sign_in(Client(), provider)
    assert role_of(User.objects.get(username="anna")) == Role.VIEWER
    provider.person["groups"] = ["others"]
    assert "no longer in a group" in said(sign_in(Client(), provider))
    assert role_of(User.objects.get(username="anna")) == Role.NONE
    assert client.get("/runs/").status_code == 403  # a session that is open has no more than the role
    assert "Role: viewer → none, by Our directory" in notes_of(anna)


def test_the_last_administrator_stays_one(client: Client, provider: Provider, root: User, settings):
    settings.OIDC_ROLES = [("all", "viewer")]
    Identity.objects.create(person=root, issuer=provider.issuer, subject="1")
    provider.person["groups"] = ["all"]
    assert sign_in(client, provider).status_code == 302
    assert role_of(User.objects.get(pk=root.pk)) == Role.ADMINISTRATOR


def test_who_is_deactivated_stays_out(client: Client, provider: Provider, invited: User):
    sign_in(client, provider)
    User.objects.filter(pk=invited.pk).update(is_active=False)
    assert "deactivated" in said(sign_in(Client(), provider))


def test_an_account_is_connected_from_its_own_page_only(client: Client, provider: Provider):
    vera = log_in(client, "viewer", email="anna@example.org", password="four words of no use")
    page = said(client.get("/you/"))
    query = "?connect=" + page.partition("/login/with/?connect=")[2].partition('"')[0]
    stranger = Client()
    log_in(stranger, "viewer")
    assert stranger.get(f"/login/with/{query}").status_code == 403
    assert client.get("/login/with/?connect=made-up").status_code == 403
    assert sign_in(client, provider, query)["Location"] == "/you/"
    assert "You can sign in with Our directory" in said(client.get("/you/"))
    elsewhere = Client()
    assert sign_in(elsewhere, provider).status_code == 302
    assert elsewhere.session["_auth_user_id"] == str(vera.pk)
    assert client.post("/you/disconnect/").status_code == 302
    assert notes_of(vera)[0] == "Connected with Our directory"
    assert notes_of(vera)[-1] == "Disconnected from Our directory"
    assert sign_in(Client(), provider).status_code == 403


def test_whoever_has_no_password_stays_connected(client: Client, provider: Provider, invited: User):
    sign_in(client, provider)
    assert "could not log in" in said(client.post("/you/disconnect/"))
    assert "Disconnect" not in said(client.get("/you/"))


@pytest.mark.parametrize("misbehaves", ["down", "gone", "refused", "another name"])
def test_a_provider_that_does_not_answer_is_a_sentence(client, provider, settings, misbehaves):
    if misbehaves == "down":
        provider.down = True
    elif misbehaves == "gone":
        settings.OIDC_ISSUER = "http://127.0.0.1:9"
    elif misbehaves == "refused":
        settings.OIDC_NETWORKS = []  # the address guard lets no loopback through
    else:
        settings.OIDC_ISSUER = provider.issuer + "/"
    answer = client.get("/login/with/")
    assert answer.status_code == 503
    assert "Signing in did not work" in said(answer)
    assert "log in with a password" in said(answer)


def test_a_provider_that_goes_away_on_the_way_back_is_a_sentence(client, provider, invited):
    address = at_provider(provider, client.get("/login/with/"))
    provider.down = True
    answer = client.get(address)
    assert (answer.status_code, "answered with status 502" in said(answer)) == (503, True)


def test_nobody_is_sent_to_another_site_afterwards(client: Client, provider: Provider, invited: User):
    assert sign_in(client, provider, "?next=https://elsewhere.example/")["Location"] == "/"


def test_the_provider_is_not_asked_without_end(client: Client, provider: Provider):
    for _ in range(60):
        assert client.get("/login/with/?connect=made-up").status_code == 403
    assert client.get("/login/with/").status_code == 429


def test_without_a_provider_there_is_no_button(client: Client):
    assert "Sign in with" not in said(client.get("/login/"))
    assert client.get("/login/with/").status_code == 404
