"""Seeds as a file, on the rows: an import is the preview that it showed, all of it or nothing."""

from __future__ import annotations

import argparse

import pytest
from django.utils import timezone

from catalog.models import Seed, SeedGroup
from console import cli
from console.commands.seeds import giving_out
from crawler.lanes import Lane
from crawler.seeds.files.reading import read_seeds
from djsite.desk.seed_files.planning import bring_in, plan
from djsite.desk.seed_files.rows import kept_seeds, text_of
from djsite.desk.seed_files.what import What
from djsite.desk.seed_files.words import plan_lines, summary

pytestmark = pytest.mark.django_db
SHOP = """\
seeds:
  - name: Shop
    tags: [prices]
    start_urls: [https://shop.example/]
    schedule: cron
    cron: 0 8 * * *
    time_zone: Europe/Berlin
    headers: ["Authorization: secret-word", "Accept-Language: de"]
    fields: ["price! = .price => money de"]
  - name: News
    enabled: false
    start_urls: [https://news.example/, https://news.example/world/]
    interval_seconds: 3600
"""


def bring(text: str, **options: bool):
    """Import a text that is in order."""
    written, problems = read_seeds(text)
    assert not problems
    return bring_in(written, timezone.now(), **options)


def test_an_export_is_imported_without_a_change_and_holds_no_secret():
    assert bring(SHOP).count(What.NEW) == 2
    text = text_of(kept_seeds())
    assert "secret-word" not in text
    assert "Authorization: (kept)" in text
    assert [change.what for change in plan(read_seeds(text)[0], prune=True).changes] == [What.SAME] * 2
    shop = Seed.objects.get(name="Shop")
    assert shop.header_pairs() == (("Authorization", "secret-word"), ("Accept-Language", "de"))
    assert shop.next_slot is not None


def test_the_preview_says_what_changes_and_changes_nothing():
    bring(SHOP)
    text = text_of(kept_seeds())
    changed = text.replace("- prices", "- lamps").replace("interval_seconds: 3600", "interval_seconds: 7200")
    changed = changed.replace("Authorization: (kept)", "Authorization: another") + (
        "  - name: New\n    schedule: manual\n    start_urls: [https://new.example/]\n"
    )
    planned = plan(read_seeds(changed)[0])
    assert list(plan_lines(planned)) == [
        "~ News",
        "    interval_seconds: 3600 → 7200",
        "~ Shop",
        "    tags: - prices, + lamps",
        "    headers: - Authorization: (kept), + Authorization: (a new value)",
        "+ New",
    ]
    assert summary(planned, would=True).startswith(
        "1 would be new, 2 would be changed, 0 would be deleted; 0"
    )
    assert text_of(kept_seeds()) == text
    bring(changed)
    assert text_of(kept_seeds()) == text_of(kept_seeds())
    assert Seed.objects.get(name="Shop").header_pairs()[0] == ("Authorization", "another")
    assert Seed.objects.get(name="News").interval_seconds == 7200


def test_only_prune_deletes_and_never_what_a_crawl_command_made():
    bring(SHOP)
    Seed.objects.create(
        name="By hand", origin=Seed.Origin.COMMAND, schedule="manual", start_urls="https://c.example/"
    )
    news = "seeds:\n" + SHOP[SHOP.index("  - name: News") :]
    assert bring(news).count(What.DELETED) == 0
    assert bring(news, prune=True).count(What.DELETED) == 1
    assert set(Seed.objects.alive().values_list("name", flat=True)) == {"News", "By hand"}


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (
            "headers: ['Cookie: (kept)']",
            "line 12, seed 'Last', headers: There is no value of 'Cookie'",
        ),
        (f"cron: {'0' * 201}", "line 12, seed 'Last', cron: Ensure this value has at most 200 characters"),
    ],
)
def test_one_wrong_seed_keeps_all_from_being_imported(entry, told):
    first = "".join(SHOP.partition("  - name: News")[0])
    text = f"{first}  - name: Last\n    schedule: manual\n    {entry}\n    start_urls: [https://l.example/]\n"
    planned = bring(text)
    assert told in str(planned.problems[0])
    assert not Seed.objects.exists()


GROUPED = """\
groups:
  - name: Shops
    schedule: cron
    cron: 0 8 * * *
    time_zone: Europe/Berlin
    lane: bulk
    delay: 2
seeds:
  - name: Lamps
    group: Shops
    start_urls: [https://lamps.example/]
  - name: Desks
    group: Shops
    start_urls: [https://desks.example/]
    delay: 1.0
    schedule: manual
"""


def test_groups_go_out_and_come_in_with_what_a_seed_has_of_its_own():
    """A seconds' delay of 1 is as usual, and said all the same: the group gives another."""
    bring(GROUPED)
    lamps, desks = Seed.objects.order_by("-name")
    assert (lamps.cron, lamps.lane, lamps.delay, lamps.inherits) == (
        "0 8 * * *", Lane.BULK, 2, ["schedule", "lane", "delay"]
    )  # fmt: skip
    assert (desks.schedule, desks.lane, desks.delay, desks.inherits) == ("manual", Lane.BULK, 1, ["lane"])
    text = text_of(kept_seeds())
    assert text.count("0 8 * * *") == text.count("lane: bulk") == text.count("delay: 2") == 1
    assert "delay: 1.0" in text
    read, problems = read_seeds(text)
    assert (problems, plan(read, prune=True).does) == ([], 0)
    SeedGroup.objects.all().delete()
    Seed.objects.all().delete()
    bring(text)
    assert text_of(kept_seeds()) == text


def test_a_group_that_changes_reaches_seeds_that_the_file_does_not_name():
    bring(GROUPED)
    head, _, desks = GROUPED.partition("  - name: Desks")
    alone = head.replace("delay: 2", "delay: 3").replace("lane: bulk", "priority: 7")
    planned = plan(read_seeds(alone)[0])
    assert list(plan_lines(planned)) == [
        "~ group Shops", "    lane: bulk → nothing", "    priority: nothing → 7", "    delay: 2 → 3",
        "~ Lamps", "    lane: bulk → normal", "    priority: 5 → 7", "    delay: 2.0 → 3",
    ]  # fmt: skip
    assert SeedGroup.objects.get().settings["delay"] == 2, "a preview changes nothing"
    bring(alone)
    named = dict(Seed.objects.values_list("name", "delay"))
    assert named == {"Lamps": 3, "Desks": 1}
    assert set(Seed.objects.values_list("priority", flat=True)) == {7}
    own = f"seeds:\n  - name: Desks{desks}    priority: 2\n"
    (line,) = [line for line in plan_lines(bring(own)) if "group" in line]
    assert line == (
        "    group: Shops, with its own schedule, seconds between requests → "
        "Shops, with its own schedule, priority, seconds between requests"
    )
    assert bring(own.replace("    group: Shops\n", "")).does == 1
    assert not Seed.objects.get(name="Desks").inherits


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("group: Shops", "group: Shop", "line 2: No seed of this file is in the group 'Shops'"),
        ("delay: 2", "delay: -2", "line 7, delay: group 'Shops': Ensure"),
        ("delay: 2", "colour: red", "line 7, colour: group 'Shops': There is no such setting."),
        ("    schedule: cron\n", "", "line 2: group 'Shops': Say the schedule, too"),
        ("    delay: 2\n", "  - name: Shops\n", "A group of this name stands in line 2 already."),
    ],
)
def test_what_is_wrong_with_a_group_is_told_with_its_line(before, after, told):
    _, problems = read_seeds(GROUPED.replace(before, after))
    assert told in "\n".join(map(str, problems))


def test_a_group_that_is_nowhere_is_told_at_its_seed():
    planned = bring(GROUPED[GROUPED.index("seeds:") :])
    assert "line 3, seed 'Lamps', group: There is no group 'Shops'" in str(planned.problems[0])
    SeedGroup.objects.create(name="Shops", settings={"delay": 2})
    planned = bring(GROUPED[GROUPED.index("seeds:") :])
    assert "line 2, seed 'Lamps', interval_seconds: Write how often" in str(planned.problems[0])
    assert not Seed.objects.exists()


def test_the_command_imports_previews_and_lists(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(cli, "set_up", lambda folder: None)
    monkeypatch.setattr("console.commands.seeds.no_database", lambda: None)
    file, data = tmp_path / "seeds.yaml", str(tmp_path / "data")
    file.write_text(SHOP, encoding="utf-8")
    words = ["--data", data, str(file)]
    assert cli.main(["seeds", "diff", *words]) == 1
    assert cli.main(["seeds", "import", "--dry-run", *words]) == 0
    assert not Seed.objects.exists()
    assert cli.main(["seeds", "import", *words]) == 0
    assert "2 new, 0 changed, 0 deleted; 0 stay as they are." in capsys.readouterr().out
    assert cli.main(["seeds", "list", "--data", data]) == 0
    assert "Shop: " in capsys.readouterr().out
    assert cli.main(["seeds", "export", "--tag", "prices", "-o", str(file), "--data", data]) == 0
    assert "name: News" not in file.read_text()
    file.write_text(file.read_text() + "    colour: red\n")
    assert cli.main(["seeds", "import", *words]) == 2
    assert f"{file}, line 16, seed 'Shop', colour: There is no such setting." in capsys.readouterr().err


def test_thousands_of_seeds_are_listed(capsys):
    rows = [Seed(name=f"Shop {n}", schedule="manual", start_urls="https://s.example/") for n in range(1_200)]
    Seed.objects.bulk_create(rows)
    assert giving_out.show(argparse.Namespace(json=False)) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1_200


def test_a_list_of_addresses_becomes_one_seed_or_one_each(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(cli, "set_up", lambda folder: None)
    file, data = tmp_path / "shops.txt", str(tmp_path / "data")
    file.write_text("https://a.example/\nhttps://b.example/\nftp://c.example/\nhttps://a.example/#x\n")
    words = ["seeds", "add", "--data", data, "--file", str(file)]
    assert cli.main(words) == 0
    told = capsys.readouterr()
    assert "2 new, 0 known, 1 doubled, 1 wrong (text)." in told.out
    assert "Left out, line 3: 'ftp://c.example/' cannot be crawled" in told.err
    seed = Seed.objects.get()
    assert (seed.name, seed.scope, seed.start_urls) == (
        "shops",
        "page",
        "https://a.example/\nhttps://b.example/",
    )
    assert cli.main(words) == 2
    assert "No address of this list is new" in capsys.readouterr().err
    file.write_text("https://a.example/\nd.example/x\nhttps://e.example/\n")
    assert cli.main([*words, "--each", "--every", "6h", "--tag", "shops"]) == 0
    made = Seed.objects.exclude(pk=seed.pk).order_by("name")
    assert [(each.name, each.interval_seconds, each.tags) for each in made] == [
        ("d.example/x", 21_600, ["shops"]),
        ("e.example", 21_600, ["shops"]),
    ]
