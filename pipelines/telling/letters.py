"""The text and the HTML of a mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from pipelines.telling.content import TEST_SENTENCE, rest_of

MUTED = "color:#666"


def text_of(body: Mapping[str, Any], site: str) -> str:
    """The plain text of a message; ``site`` is the address of ours, without a slash at its end, or empty."""
    blocks = [TEST_SENTENCE] if body.get("test") else []
    blocks += [
        "\n".join(filter(None, (each["sentence"], *_addresses(each, site)))) for each in body["events"]
    ]
    if rest := rest_of(body):
        blocks.append("\n".join(rest))
    return "\n\n".join([*blocks, f"-- \n{_reason(body)}"]) + "\n"


def html_of(body: Mapping[str, Any], site: str) -> str:
    """The same as HTML; every text is escaped, and only web addresses are links."""
    events = format_html_join(
        "\n", "<li>{} {}</li>", ((e["sentence"], _links(e, site)) for e in body["events"])
    )
    rest = format_html_join("\n", "<p>{}</p>", ((line,) for line in rest_of(body)))
    test = format_html("<p>{}</p>", TEST_SENTENCE) if body.get("test") else ""
    return format_html(
        '<!doctype html><html><body>{}<ul>{}</ul>{}<p style="{}">{}</p></body></html>\n',
        *(test, events, rest, MUTED, _reason(body)),
    )


def _reason(body: Mapping[str, Any]) -> str:
    """Why somebody gets this mail."""
    if body["alerts"]:
        return f"Sent by Crawlbeat for: {', '.join(body['alerts'])}"
    return "Sent by Crawlbeat"


def _addresses(event: Mapping[str, Any], site: str) -> list[str]:
    """The page that was read, and ours about it."""
    ours = f"{site}{event['link']}" if site else ""
    return [address for address in (event["url"], ours) if address.startswith(("https://", "http://"))]


def _links(event: Mapping[str, Any], site: str) -> SafeString:
    labels = {event["url"]: "page"}
    pairs = [(address, labels.get(address, "details")) for address in _addresses(event, site)]
    return format_html_join(" ", '<a href="{}">{}</a>', pairs)
