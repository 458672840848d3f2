"""The seed form: plain words, every mistake beside its field, and what its buttons do."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.models import Page, Run, Seed
from crawler.lanes import Lane
from crawler.seeds.request_text import written_requests
from djsite.browse.admin.seed import SeedAdmin
from djsite.desk import seeds
from scheduler.clock import ledger
from tests import factories
from tests.factories import Got

pytestmark = pytest.mark.django_db

GOOD = {
    "name": "Corner shop",
    "start_urls": "https://shop.example.org/\nhttps://shop.example.org/sale",
    "enabled": "on",
    "schedule": "interval",
    "every": "6",
    "unit": "hours",
    "time_zone": "Europe/Berlin",
    "overlap": "skip",
    "catch_up": "one",
    "change_means": "content",
    "learn_noise": "on",
    "catch_up_limit": "10",
    "scope": "host",
    "use_sitemaps": "on",
    "max_url_length": "2000",
    "delay": "1",
    "per_host": "1",
    "obey_robots": "on",
    "lane": "1",
    "priority": "5",
}


@pytest.fixture
def operator(client: Client) -> Client:
    factories.log_in(client, "operator")
    return client


@pytest.fixture
def staff(client: Client) -> Client:
    factories.log_in(client, "operator", is_staff=True)
    return client


def add(client: Client, **values) -> str:
    """Send the form; the page that comes back, empty when the seed was saved."""
    return send(client, reverse("admin:catalog_seed_add"), **values)


def send(client: Client, url: str, **values) -> str:
    data = {key: value for key, value in (GOOD | values).items() if value is not None}
    response = client.post(url, data)
    assert response.status_code in (200, 302)
    return unescape(response.content.decode()) if response.status_code == 200 else ""


def mistakes(page: str) -> dict[str, str]:
    """What the form says, by the field that it is said beside."""
    found = {}
    for errors, field in re.findall(r'<ul class="errorlist"[^>]*id="id_(\w+)_error">(.*?)</ul>', page, re.S):
        found[errors] = " ".join(re.sub("<[^>]+>", " ", field).split())
    return found


def test_a_new_seed_is_timed_in_utc(operator: Client):
    page = operator.get(reverse("admin:catalog_seed_add")).content.decode()
    assert '<option value="UTC" selected>UTC</option>' in page
    assert "[]</textarea>" not in page


def test_a_good_seed_is_saved_and_due_at_once(operator: Client):
    before = timezone.now() - timedelta(seconds=2)
    assert (
        add(operator, rules="name = h1\nprice = .price::text", include="*/p/*", headers="Accept-Language:de")
        == ""
    )
    seed = Seed.objects.get()
    assert seed.interval_seconds == 6 * 3600
    assert seed.fields == [{"name": "name", "css": "h1"}, {"name": "price", "css": ".price::text"}]
    assert seed.header_pairs() == (("Accept-Language", "de"),)
    assert before <= seed.next_slot <= timezone.now()
    assert (seed.requests, seed.accept) == ([], "")
    assert seed.policy().include == ("*/p/*",)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "This field is required"),
        ("start_urls", "", "This field is required"),
        ("start_urls", "https://ok.example.org/\nshop.example.org", "Line 2: 'shop.example.org' has no http"),
        ("start_urls", "ftp://shop.example.org/", "only addresses with http:// or https://"),
        ("start_urls", "file:///etc/passwd", "only addresses with http:// or https://"),
        ("start_urls", "javascript:alert(1)", "only addresses with http:// or https://"),
        ("start_urls", "shop.example.org:8080/x", "Did you mean https://shop.example.org:8080/x?"),
        ("start_urls", "https://[bad/", "is not a web address"),
        ("start_urls", "http://127.0.0.1:8000/", "not on the public internet"),
        ("start_urls", "http://localhost/", "not on the public internet"),
        ("start_urls", "http://0x7f000001/", "not on the public internet"),
        ("start_urls", "http://[::ffff:10.0.0.1]/", "not on the public internet"),
        ("start_urls", "http://169.254.169.254/latest/", "not on the public internet"),
        ("every", "", "Write how often"),
        ("every", "0", "greater than or equal to 1"),
        ("every", "x", "Enter a whole number"),
        ("every", "10000", "at most 366 days"),
        ("unit", "fortnights", "Select a valid choice"),
        ("unit", "", "Choose minutes, hours or days"),
        ("catch_up_limit", "101", "less than or equal to 100"),
        ("schedule", "hourly", "Select a valid choice"),
        ("time_zone", "Mars/Olympus", "Select a valid choice"),
        ("include", "re:(", "is not a regular expression"),
        ("exclude", "products", "can never match"),
        ("rules", "name h1", "Write 'name = selector'"),
        ("rules", "name = h1[", "is not a CSS selector"),
        ("rules", "name = h1\nname = h2", "Line 2: The name 'name' is used twice"),
        ("rules", "1st = h1", "cannot be a field's name"),
        ("headers", "Accept-Language de", "has no colon"),
        ("headers", "Host: other.example", "written by Crawlbeat itself"),
        ("headers", "Transfer-Encoding: chunked", "written by Crawlbeat itself"),
        ("headers", "X Y: 1", "cannot be the name of a header"),
        ("headers", "X-A: f\u00fcr", "characters that no header may have"),
        ("headers", "X-A: 1\u2028Host: x", "Line 2: 'Host' is written by Crawlbeat itself"),
        ("headers", "User-Agent: me", "its own box"),
        ("user_agent", "B\u00f6t/1.0", "servers read nothing else"),
        ("sitemaps", "sitemap.xml", "Did you mean https://sitemap.xml?"),
        ("ignore_params", "a=b", "is not the name of a parameter"),
        ("priority", "10", "less than or equal to 9"),
        ("lane", "7", "Select a valid choice"),
        ("delay", "-1", "greater than or equal to 0"),
        ("per_host", "0", "greater than or equal to 1"),
        ("max_pages", "0", "greater than or equal to 1"),
        ("max_depth", "-1", "greater than or equal to 0"),
        ("requests", '{"url": ', "this is not JSON"),
        ("requests", '{"url": "https://e.org/"}', "needs one of: json"),
        ("requests", '{"url": "http://10.0.0.1/", "json": {}}', "not on the public internet"),
        ("requests", "7", "Write a request as a JSON object"),
        ("accept", "login_page\nsoft 404", "Line 2: 'soft' is not a verdict"),
    ],
)
def test_a_mistake_is_told_beside_its_field(operator: Client, field: str, value: str, said: str):
    told = mistakes(add(operator, **{field: value}))
    assert list(told) == [field]
    assert said in told[field]
    assert not Seed.objects.exists()


def test_requests_and_overruled_verdicts_are_written_in_the_form(operator: Client):
    asked = [
        '{"url": "https://shop.example.org/find", "json": {"q": "tea"}}',
        '{"url": "https://e.org/", "form": {}}',
    ]
    assert add(operator, requests="\r\n".join(asked), accept="soft_404 */sale/*\nlogin_page") == ""
    seed = Seed.objects.get()
    assert [request.method for request in seed.policy().requests] == ["POST", "POST"]
    assert seed.policy().accept == ("soft_404 */sale/*", "login_page")
    url = reverse("admin:catalog_seed_change", args=[seed.pk])
    page = unescape(operator.get(url).content.decode())
    assert "\n".join(asked) in page
    assert send(operator, url, requests=f"[{', '.join(asked)}]", accept=seed.accept) == ""
    assert "Requests" not in LogEntry.objects.latest("pk").change_message, "the same, otherwise written"
    assert Seed.objects.get().requests == seed.requests


def test_many_mistakes_are_all_told(operator: Client):
    told = mistakes(
        add(operator, name="", start_urls="x", rules="y", cron="z", priority="11", obey_robots=None)
    )
    assert set(told) == {"name", "start_urls", "rules", "priority", "robots_reason"}
    assert "Write down why" in told["robots_reason"]


@pytest.mark.every_database
def test_no_header_can_smuggle_another(operator: Client):
    add(operator, headers="X-A: 1\r\nX-B: 2")
    assert Seed.objects.get().header_pairs() == (("X-A", "1"), ("X-B", "2"))  # two lines are two headers
    for control in ("\0", "\x7f", "\t\x01"):
        assert "headers" in mistakes(add(operator, name="other", headers=f"X-A: 1{control}2")), repr(control)


def test_a_name_is_used_once_but_that_of_a_deleted_seed_is_free(operator: Client):
    old = factories.make_seed("Corner shop")
    assert mistakes(add(operator, name="  Corner   shop ")) == {
        "name": "Another seed has this name. Choose one of its own."
    }
    seeds.delete([old], timezone.now())
    assert add(operator) == ""


@pytest.mark.parametrize(
    ("cron", "said"),
    [
        ("", "Write a cron line"),
        ("* * *", "has five parts"),
        ("61 * * * *", "The minute of this cron line cannot be '61'"),
        ("0 0 31 2 *", "cannot be '31'"),
        ("@daily", "has five parts"),
    ],
)
def test_a_cron_line_is_judged_in_words(operator: Client, cron: str, said: str):
    assert said in mistakes(add(operator, schedule="cron", cron=cron))["cron"]


def test_a_cron_line_in_its_zone(operator: Client):
    assert (
        add(operator, schedule="cron", cron=" 0 8 * * 1-5 ", time_zone="Asia/Tokyo", every="", unit="") == ""
    )
    seed = Seed.objects.get()
    assert seed.cron == "0 8 * * 1-5"
    page = unescape(operator.get(reverse("admin:catalog_seed_change", args=[seed.pk])).content.decode())
    assert "on weekdays, Asia/Tokyo" in page
    assert page.count(", 08:00:00") >= 4  # the first of the five is now
    assert page.count("<li>") >= 5


def test_only_the_schedule_in_use_is_judged(operator: Client):
    assert add(operator, schedule="manual", every="", cron="nonsense") == ""
    seed = Seed.objects.get()
    assert seed.next_slot is None
    page = operator.get(reverse("admin:catalog_seed_change", args=[seed.pk])).content.decode()
    assert "it runs by hand only" in page


def test_thirty_seconds_are_kept_but_not_offered(operator: Client):
    assert "seconds" not in re.findall(r"<option[^>]*>(\w+)", add(operator, name=""))
    seed = factories.make_seed("Demo", interval_seconds=30)
    url = reverse("admin:catalog_seed_change", args=[seed.pk])
    page = operator.get(url).content.decode()
    assert 'name="every" value="30"' in page
    assert '<option value="seconds" selected>' in page
    assert send(operator, url, every="30", unit="seconds", priority="7") == ""
    seed.refresh_from_db()
    assert (seed.interval_seconds, seed.priority) == (30, 7)
    assert "every minute at most" in mistakes(send(operator, url, every="20", unit="seconds"))["every"]
    assert send(operator, url, every="1", unit="minutes") == ""
    seed.refresh_from_db()
    assert seed.interval_seconds == 60


@pytest.mark.parametrize(
    ("seconds", "every", "unit"), [(60, 1, "minutes"), (5400, 90, "minutes"), (86400, 1, "days")]
)
def test_intervals_are_shown_in_the_largest_unit(operator: Client, seconds: int, every: int, unit: str):
    seed = factories.make_seed(interval_seconds=seconds)
    page = operator.get(reverse("admin:catalog_seed_change", args=[seed.pk])).content.decode()
    assert f'name="every" value="{every}"' in page
    assert f'<option value="{unit}" selected>' in page


def test_saving_without_a_change_moves_nothing(operator: Client):
    add(operator, rules="name = h1", headers="X-A: 1")
    before = Seed.objects.values().get()
    page = operator.get(reverse("admin:catalog_seed_change", args=[before["id"]]))
    form = page.context["adminform"].form
    data = {name: form[name].value() for name in form.fields}
    sent = {
        name: "on" if value is True else value for name, value in data.items() if value not in (None, False)
    }
    operator.post(reverse("admin:catalog_seed_change", args=[before["id"]]), sent)
    after = Seed.objects.values().get()
    assert {key: value for key, value in after.items() if key != "updated_at"} == {
        key: value for key, value in before.items() if key != "updated_at"
    }


def test_robots_are_ignored_only_with_a_reason(operator: Client):
    assert "robots_reason" in mistakes(add(operator, obey_robots=None, robots_reason="   "))
    assert add(operator, obey_robots=None, robots_reason="Our own shop; see the contract of May.") == ""
    assert Seed.objects.get().policy().obey_robots is False


def test_only_staff_open_networks(operator: Client):
    told = mistakes(add(operator, start_urls="http://10.1.2.3/", allow_networks="10.0.0.0/8"))
    assert "an administrator can" in told["start_urls"]


def test_staff_open_networks(staff: Client):
    assert "allow_networks" in mistakes(add(staff, allow_networks="ten.0.0.0/8"))
    assert add(staff, start_urls="http://10.1.2.3/", allow_networks="10.1.2.3/8") == ""
    assert Seed.objects.get().policy().allow_networks == ("10.0.0.0/8",)


# Where staff opened networks, only staff say where a seed goes: else an operator reached any host in them.
WHITHER = {
    "start_urls": "http://10.9.9.9/",
    "scope": "domain",
    "include": "*/secret/*",
    "exclude": "*/public/*",
    "sitemaps": "http://10.9.9.9/sitemap.xml",
    "headers": "Metadata-Flavor: Google",
    "requests": '{"url": "http://10.9.9.9/", "json": {}}',
    "allow_networks": "0.0.0.0/0",
}


def opened(**values) -> Seed:
    return factories.make_seed(
        "Intranet", start_urls="http://10.1.2.3/", allow_networks="10.0.0.0/8", use_sitemaps=False, **values
    )


def whither(seed: Seed) -> dict[str, object]:
    row = Seed.objects.filter(pk=seed.pk).values(*WHITHER, "use_sitemaps").get()
    return row | {"requests": written_requests(row["requests"])}


def test_an_operator_cannot_turn_a_seed_whose_networks_staff_opened(operator: Client):
    seed = opened()
    before = whither(seed)
    url = reverse("admin:catalog_seed_change", args=[seed.pk])
    page = unescape(operator.get(url).content.decode())
    assert "This seed may reach private networks. So only staff change where it goes" in page
    assert not [name for name in (*WHITHER, "use_sitemaps") if f'name="{name}"' in page]
    assert "http://10.1.2.3/" in page
    assert send(operator, url, priority="8", **WHITHER) == ""
    assert whither(seed) == before
    seed.refresh_from_db()
    assert seed.priority == 8
    copied = mistakes(
        send(operator, url, _saveasnew="1", **WHITHER)
    )  # Django's own copy: an ordinary new seed
    assert "not on the public internet" in copied["start_urls"]
    assert Seed.objects.count() == 1


def test_an_operator_cannot_turn_it_from_the_list_either(operator: Client):
    seed = opened()
    before = whither(seed)
    data = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "_save": "Save", "form-0-id": seed.pk}
    sent = data | {f"form-0-{name}": value for name, value in {**WHITHER, "lane": 2, "priority": 7}.items()}
    operator.post(reverse("admin:catalog_seed_changelist"), sent)
    seed.refresh_from_db()
    assert (seed.priority, whither(seed)) == (7, before)


def test_an_operator_cannot_copy_it(operator: Client):
    page = act(operator, "duplicate", opened(), factories.make_seed("Shop"))
    assert "Intranet was not copied: it may reach private networks, so only staff copy it." in page
    assert set(Seed.objects.values_list("name", flat=True)) == {"Intranet", "Shop", "Shop (copy)"}


@pytest.mark.every_database
def test_networks_opened_while_an_operator_writes_lock_the_form_all_the_same(operator: Client, monkeypatch):
    """The row is read anew, and locked, before it is judged what may be changed."""
    seed = factories.make_seed("Intranet", start_urls="http://intranet.example/")
    first = SeedAdmin.get_queryset
    looked: list[None] = []

    def meanwhile(self, request):
        if looked:  # the second look is the one under the lock
            Seed.objects.filter(pk=seed.pk).update(allow_networks="10.0.0.0/8")
        looked.append(None)
        return first(self, request)

    monkeypatch.setattr(SeedAdmin, "get_queryset", meanwhile)
    url = reverse("admin:catalog_seed_change", args=[seed.pk])
    send(operator, url, start_urls="http://other.example/")
    seed.refresh_from_db()
    assert (seed.start_urls, seed.allow_networks) == ("http://intranet.example/", "10.0.0.0/8")


def test_staff_turn_and_copy_it(staff: Client):
    seed = opened()
    url = reverse("admin:catalog_seed_change", args=[seed.pk])
    assert "only staff change where it goes" not in staff.get(url).content.decode()
    changed = WHITHER | {"allow_networks": "10.0.0.0/8"}
    assert send(staff, url, **changed) == ""
    assert whither(seed) | {"headers": ""} == changed | {"use_sitemaps": True, "headers": ""}
    seed.refresh_from_db()
    assert seed.header_pairs() == (("Metadata-Flavor", "Google"),)
    act(staff, "duplicate", seed)
    assert Seed.objects.filter(name__endswith="(copy)", allow_networks="10.0.0.0/8").exists()


def test_an_operator_runs_and_recrawls_it_as_it_is(operator: Client):
    seed = opened()
    act(operator, "run_now", seed)
    assert Run.objects.get().seed_id == seed.pk
    assert operator.post(reverse("seed-recrawl", args=[seed.pk])).status_code == 302


# The list and its actions ---------------------------------------------------------------------------------


def act(client: Client, action: str, *seeds: Seed, **more) -> str:
    data = {"action": action, "_selected_action": [seed.pk for seed in seeds], **more}
    response = client.post(reverse("admin:catalog_seed_changelist"), data, follow=True)
    assert response.status_code == 200
    return unescape(response.content.decode())


def test_run_now_opens_an_urgent_run_and_says_so(operator: Client):
    seed = factories.make_seed("Shop", lane=Lane.BULK, priority=9)
    page = act(operator, "run_now", seed)
    run = Run.objects.get()
    assert (run.kind, run.rank // 10) == (Run.Kind.MANUAL, Lane.URGENT)
    assert "Shop is being crawled now, before everything else" in page
    assert reverse("run", args=[run.pk]) in page


@pytest.mark.parametrize(
    ("overlap", "runs", "waiting", "sentence"),
    [
        (Seed.Overlap.SKIP, 1, 0, "By the seed's overlap rule no other is begun"),
        (Seed.Overlap.QUEUE, 2, 1, "this one waits for its end"),
        (Seed.Overlap.BOTH, 3, 0, "Shop is being crawled now"),
    ],
)
def test_run_now_again_follows_the_overlap_rule(operator: Client, overlap, runs, waiting, sentence):
    seed = factories.make_seed("Shop", overlap=overlap)
    act(operator, "run_now", seed)
    page = act(operator, "run_now", seed)
    assert sentence in page
    act(operator, "run_now", seed)
    assert Run.objects.count() == runs
    assert Run.objects.filter(state=Run.State.DUE, reason="waiting").count() == waiting


def test_a_run_asked_for_that_waits_is_opened_though_the_schedule_is_off(operator: Client):
    seed = factories.make_seed("Shop", overlap=Seed.Overlap.QUEUE, enabled=False)
    act(operator, "run_now", seed)
    act(operator, "run_now", seed)
    first, second = Run.objects.filter(kind=Run.Kind.MANUAL).order_by("pk")
    Run.objects.filter(pk=first.pk).update(state=Run.State.FINISHED, finished_at=timezone.now())
    assert ledger.call_waiting(timezone.now(), [first.pk]) == [second]


def test_enable_and_disable(operator: Client):
    one, two = factories.make_seed("One"), factories.make_seed("Two", enabled=False)
    assert "1 schedule was switched off" in act(operator, "disable", one, two)
    assert not Seed.objects.exclude(next_slot=None).exists()
    assert "2 schedules were switched on" in act(operator, "enable", one, two)
    assert Seed.objects.exclude(next_slot=None).count() == 2
    assert "already" in act(operator, "enable", one)


def test_duplicate_is_a_copy_that_is_off(operator: Client):
    seed = factories.make_seed("Shop", headers="X-A: 1")
    act(operator, "duplicate", seed)
    act(operator, "duplicate", seed)
    names = list(Seed.objects.order_by("pk").values_list("name", "enabled"))
    assert names == [("Shop", True), ("Shop (copy)", False), ("Shop (copy 2)", False)]
    copy = Seed.objects.get(name="Shop (copy)")
    assert (copy.header_pairs(), copy.fields, copy.next_slot) == ((("X-A", "1"),), seed.fields, None)


def test_the_list_is_edited_in_bulk(operator: Client):
    seeds = [factories.make_seed(name) for name in ("A", "B")]
    data = {"form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 2, "_save": "Save"}
    for number, seed in enumerate(seeds):
        data |= {f"form-{number}-id": seed.pk, f"form-{number}-lane": 2, f"form-{number}-priority": number}
    operator.post(reverse("admin:catalog_seed_changelist"), data)
    rows = list(Seed.objects.order_by("name").values_list("lane", "priority", "enabled", "next_slot"))
    assert rows == [(2, 0, False, None), (2, 1, False, None)]


@pytest.mark.usefixtures("archive")
@pytest.mark.every_database
def test_deleting_hides_and_asks_without_counting_pages(operator: Client, django_assert_max_num_queries):
    seed = factories.shop(rounds=1)
    url = reverse("admin:catalog_seed_delete", args=[seed.pk])
    with django_assert_max_num_queries(8) as seen:
        page = operator.get(url).content.decode()
    assert not [query for query in seen.captured_queries if "catalog_page" in query["sql"]]
    assert "with its runs, pages and records" in page
    operator.post(url, {"post": "yes"})
    seed.refresh_from_db()
    assert seed.deleted_at is not None
    assert seed.next_slot is None
    assert Page.objects.exists()  # pruned in the background
    assert ">Corner shop</a>" not in operator.get(reverse("admin:catalog_seed_changelist")).content.decode()
    assert operator.get(reverse("admin:catalog_seed_change", args=[seed.pk])).status_code == 302


def test_deleting_many_is_soft_too(operator: Client):
    seeds = [factories.make_seed(name) for name in ("A", "B")]
    act(operator, "delete_selected", *seeds, post="yes")
    assert Seed.objects.count() == 2
    assert not Seed.objects.alive().exists()


@pytest.mark.usefixtures("archive")
def test_everything_else_is_read_only(client: Client):
    factories.log_in(client, None, is_staff=True, is_superuser=True)
    factories.crawl(factories.make_seed(), [Got("http://shop.example/")])
    for model, pk in (
        ("run", Run.objects.get().pk),
        ("page", Page.objects.get().pk),
        ("visit", None),
        ("host", None),
    ):
        assert client.get(reverse(f"admin:catalog_{model}_changelist")).status_code == 200
        assert client.get(reverse(f"admin:catalog_{model}_add")).status_code == 403
        if pk:
            url = reverse(f"admin:catalog_{model}_change", args=[pk])
            assert client.get(url).status_code == 200
            assert client.post(url, {}).status_code == 403
            assert (
                client.post(reverse(f"admin:catalog_{model}_delete", args=[pk]), {"post": "yes"}).status_code
                == 403
            )
    for name in ("catalog_export", "django_celery_results_taskresult"):
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 200


def test_the_admin_and_the_site_lead_to_each_other(operator: Client):
    seed = factories.make_seed()
    form = operator.get(reverse("admin:catalog_seed_change", args=[seed.pk])).content.decode()
    assert reverse("seed", args=[seed.pk]) in form
    assert reverse("dashboard") in form
    page = operator.get(reverse("seed-edit", args=[seed.pk])).content.decode()
    assert reverse("admin:catalog_seed_change", args=[seed.pk]) in page
