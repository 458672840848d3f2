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
    "test_admin_seed.py": "the form and its words; test_seed_definitions.py has what is accepted and saved",
    "test_archive_s3.py": "objects of the archive",
    "test_fakeweb.py": "the web of the tests itself",
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
    "test_site_access.py": "which role sees what",
    "test_site_calendar.py": "the calendar of slots; test_ledger.py has its rows",
    "test_site_escaping.py": "the markup of pages",
    "test_site_find.py": "the words of filters",
    "test_site_hosts.py": "the pages of hosts",
    "test_site_login.py": "tries at an account, which are counted in Redis or in memory",
    "test_site_pages.py": "the pages of the site; test_plans.py has how their rows are read",
    "test_site_patterns.py": "patterns of filters",
    "test_site_pointing.py": "pages of a result that is kept, not of rows",
    "test_site_repair.py": "pages about what fell; test_coverage.py and test_alerts.py have the rows",
    "test_site_rereading.py": "the pages of rereadings; test_rereading.py has their rows",
    "test_site_trying.py": "pages of a result that is kept, not of rows",
    "test_sites.py": "what a crawl finds on our sites",
    "test_sites_records.py": "what rules read of our sites; test_store_records.py has how records are kept",
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
