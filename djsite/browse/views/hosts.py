"""Hosts: the list, and one host with its rules, its pace and why, its last answers, its queue."""

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
from djsite.desk.hosts import detail, words
from djsite.desk.hosts.listing import host_rows, list_hosts
from djsite.desk.hosts.pace import open_policies, pace_in_force, pace_parts
from djsite.desk.read.keyset import cut

RULES = 100
SITEMAPS = 20
FILE = 100_000  # characters of robots.txt


@require_safe
@may_look
def host_list(request: HttpRequest) -> HttpResponse:
    """All hosts by origin, filtered by text, trouble or run."""
    form, now = HostFilter(request.GET), timezone.now()
    hosts = list_hosts(form.values().get("run"))
    part = cut(hosts, request.GET.get("after", ""), order="origin", search=form.search(now))
    rows = host_rows(part.rows, now)
    return render(request, "browse/host_list.html", {"form": form, "slice": part, "rows": rows})


@require_safe
@may_look
def host(request: HttpRequest, pk: int) -> HttpResponse:
    """One host."""
    host, now = get_object_or_404(Host, pk=pk), timezone.now()
    queue = detail.queue_of(host)
    policies = open_policies([pk]).get(pk, [])
    pace = pace_in_force(host, policies)
    context = {
        "host": host,
        "now": now,
        "state": words.state(host, now),
        "leased": words.leased(host, now),
        "breaker": words.breaker(host, now),
        "pace": pace_parts(pace, policies, host) if policies else [],
        "delay": words.seconds(pace.delay) if policies else "–",
        "slowed": pace.slowdown if pace.slowdown > 1 else None,
        "queue": queue,
        "runs": detail.run_rows(host, queue),
        "answers": detail.answers(host, queue),
        "pages": detail.pages_on(host),
        "kept": settings.VISIT_RETENTION_DAYS,
    }
    return render(request, "browse/host.html", context | _robots(host, policies))


def _robots(host: Host, policies: list[CrawlPolicy]) -> dict[str, Any]:
    """The rules for each name under which open runs ask, or for our own when there are none."""
    robots = words.robots_of(host)
    agents = [policy.user_agent or settings.USER_AGENT for policy in policies if policy.obey_robots]
    tokens = dict.fromkeys(agent_token(agent) or agent for agent in agents or [settings.USER_AGENT])
    groups = (
        [(token, robots.group(token), robots.rules(token)) for token in list(tokens)[:5]] if robots else []
    )
    return {
        "robots": words.robots(host),
        "groups": [(token, group, rules[:RULES], len(rules[RULES:])) for token, group, rules in groups],
        "sitemaps": robots.sitemaps[:SITEMAPS] if robots else (),
        "more_sitemaps": len(robots.sitemaps[SITEMAPS:]) if robots else 0,
        "file": host.robots_text[:FILE],
        "disobeyed": any(not policy.obey_robots for policy in policies),
    }
