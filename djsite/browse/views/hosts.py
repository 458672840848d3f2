"""Hosts: the list, and one host: its rules, its pace and why, its last answers, its queue."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.models import Host
from crawler.policy import CrawlPolicy
from crawler.rules.robots import agent_token
from djsite.browse.forms import HostFilter
from djsite.browse.roles import may_look
from djsite.desk import host_queries, host_words
from djsite.desk.keyset import cut

RULES = 100
SITEMAPS = 20
FILE = 100_000  # characters of robots.txt


@require_safe
@may_look
def host_list(request: HttpRequest) -> HttpResponse:
    """All hosts by origin, filtered by text, trouble or run."""
    form, now = HostFilter(request.GET), timezone.now()
    found = host_queries.hosts(form.values().get("run"))
    part = cut(found, request.GET.get("after", ""), order="origin", search=form.search(now))
    rows = host_queries.host_rows(part.rows, now)
    return render(request, "browse/host_list.html", {"form": form, "slice": part, "rows": rows})


@require_safe
@may_look
def host(request: HttpRequest, pk: int) -> HttpResponse:
    """One host."""
    found, now = get_object_or_404(Host, pk=pk), timezone.now()
    queue = host_queries.queue_of(found)
    policies = host_queries.open_policies([pk]).get(pk, [])
    pace = host_queries.pace_in_force(found, policies)
    context = {
        "host": found,
        "now": now,
        "state": host_words.state(found, now),
        "leased": host_words.leased(found, now),
        "breaker": host_words.breaker(found, now),
        "pace": host_words.pace_parts(pace, policies, found) if policies else [],
        "delay": host_words.seconds(pace.delay) if policies else "–",
        "slowed": pace.slowdown if pace.slowdown > 1 else None,
        "queue": queue,
        "runs": host_queries.run_rows(found, queue),
        "answers": host_queries.answers(found, queue),
        "pages": host_queries.pages_on(found),
        "kept": settings.VISIT_RETENTION_DAYS,
    }
    return render(request, "browse/host.html", context | _robots(found, policies))


def _robots(found: Host, policies: list[CrawlPolicy]) -> dict[str, Any]:
    """The rules for each name under which open runs ask, or for our own when there are none."""
    robots = host_words.robots_of(found)
    agents = [policy.user_agent or settings.USER_AGENT for policy in policies if policy.obey_robots]
    tokens = dict.fromkeys(agent_token(agent) or agent for agent in agents or [settings.USER_AGENT])
    groups = (
        [(token, robots.group(token), robots.rules(token)) for token in list(tokens)[:5]] if robots else []
    )
    return {
        "robots": host_words.robots(found),
        "groups": [(token, group, rules[:RULES], len(rules[RULES:])) for token, group, rules in groups],
        "sitemaps": robots.sitemaps[:SITEMAPS] if robots else (),
        "more_sitemaps": len(robots.sitemaps[SITEMAPS:]) if robots else 0,
        "file": found.robots_text[:FILE],
        "disobeyed": any(not policy.obey_robots for policy in policies),
    }
