"""Which tests run on one database only: what they are about lies above the SQL, or beside it.

All others run on SQLite and on PostgreSQL. These differ in more than statements: PostgreSQL refuses a NUL in
a text and a text that is too long for its column, and it locks rows. So what strangers send stays on both,
and so does a test of a file below that is marked with ``every_database``.
"""

from __future__ import annotations

import pytest

from tests.harness.environment import ROOT, database_kind

FOLDER = ROOT / "tests" / "integration"
ON_SQLITE_ONLY = {
    "test_admin_seed.py": "the form and its words; those that are marked save",
    "test_api_decisions.py": "calls of what has its own tests: rereadings, coverage, alerts",
    "test_api_document.py": "the document of the API; test_api.py and test_api_fresh.py have its rows",
    "test_archive_s3.py": "objects of the archive",
    "test_checks.py": "the words of checks; those that are marked read all rows that checks read",
    "test_content_versions.py": "what makes a version; test_store.py has how it is kept",
    "test_doctor.py": "the words of findings; those that are marked read the rows",
    "test_explain.py": "what decides on an address; its rows are read on both by the tests that are marked",
    "test_export_verify.py": "files that were written; test_export.py has how rows are read",
    "test_fakeweb.py": "the web of the tests itself",
    "test_field_history.py": "what the page of a record draws; test_as_of.py has how its rows are read",
    "test_noise.py": "what is learned from stored bodies",
    "test_outages.py": "when an outage begins and ends; test_events.py has the rows",
    "test_path_failing_hosts.py": "when a session leaves a host alone; test_frontier.py has its rows",
    "test_path_moves.py": "where redirects, refreshes and frames lead",
    "test_path_requests.py": "requests with a body; their identity is a text as that of any page",
    "test_path_rules.py": "which versions are read by which rules; test_rule_sets.py has the rows",
    "test_path_sitemaps.py": "what sitemaps say; test_batch_visits.py has what is stored of them",
    "test_path_sources.py": "what documents that are no HTML give",
    "test_path_traps.py": "which links a run leaves; test_frontier.py has its rows",
    "test_path_verdicts.py": "which answers are no pages",
    "test_private_spellings.py": "which addresses are asked",
    "test_roles.py": "which role may ask for which route",
    "test_sealed_headers.py": "who sees a secret; those that are marked keep it in a row",
    "test_seed_definitions.py": "what is refused before it is saved",
    "test_site_access.py": "which role sees what",
    "test_site_alerts.py": "the form and the pages of alerts; test_matching.py has their rows",
    "test_site_bulk.py": "pages that change many seeds, each as any other page does",
    "test_site_calendar.py": "the calendar of slots; test_ledger.py has its rows",
    "test_site_changes.py": "the pages of what changed; test_event_lists.py has their rows",
    "test_site_channels.py": "pages of channels; test_outbox.py has their rows",
    "test_site_compare.py": "the page that compares versions",
    "test_site_data.py": "the page of data; test_record_lists.py has its rows",
    "test_site_errors.py": "pages of errors",
    "test_site_escaping.py": "the markup of pages",
    "test_site_explain.py": "the page and the command that explain an address",
    "test_site_find.py": "the words of filters",
    "test_site_groups.py": "pages of groups, which write seeds as any other page does",
    "test_site_guide.py": "documents",
    "test_site_hosts.py": "the pages of hosts",
    "test_site_login.py": "tries at an account, which are counted in Redis or in memory",
    "test_site_outlets.py": "the pages, calls and command of outlets; test_shipping.py has their rows",
    "test_site_pages.py": "the pages of the site; test_plans.py has how their rows are read",
    "test_site_patterns.py": "patterns of filters",
    "test_remote_commands.py": "what commands print; the calls' own tests have their rows",
    "test_site_people.py": "accounts, which are Django's",
    "test_site_pointing.py": "pages of a result that is kept, not of rows",
    "test_site_promises.py": "pages about promises; test_promises.py has the rows",
    "test_site_repair.py": "pages about what fell; test_coverage.py and test_troubles.py have the rows",
    "test_site_rereading.py": "the pages of rereadings; test_rereading.py has their rows",
    "test_site_search.py": "the page, the call and the command of a search; test_search.py has its rows",
    "test_site_running.py": "the words of a run's page",
    "test_site_seed_lists.py": "the pages of a list of addresses; test_seed_files.py has what is made of it",
    "test_site_tokens.py": "the page of tokens; test_api.py has their rows",
    "test_site_trying.py": "pages of a result that is kept, not of rows",
    "test_sites.py": "what a crawl finds on our sites",
    "test_sites_records.py": "what rules read of our sites; test_store_records.py has how records are kept",
    "test_sso.py": "an extra, whose rows are written as those of any account",
    "test_transport.py": "connections",
}


def runs_here(item: pytest.Item) -> bool:
    """Whether a test is for the database of this session; SQLite, the default, is for all of them."""
    if database_kind() == "sqlite":
        return True
    if item.path.parent == FOLDER and item.path.name in ON_SQLITE_ONLY:
        return item.get_closest_marker("every_database") is not None
    return _uses_database(item)


def _uses_database(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return bool(item.get_closest_marker("django_db") or {"db", "transactional_db"} & set(fixtures))
