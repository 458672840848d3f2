# ruff: noqa: E501  what a page says stands in a line
"""Ordinary pages of scripts, and answers that are no HTML."""

from __future__ import annotations

from tests.quality.answers import LabelledAnswer, page


def by_scripts() -> list[tuple[str, str]]:
    return [
        (
            "/cart",
            page("Cart", "<div id='root'><h1>Cart</h1><p>0 items</p></div><script src='/app.js'></script>"),
        ),
        (
            "/things/lamp",
            page(
                "Lamp",
                '<noscript>You need to enable JavaScript to run this app.</noscript><div id=\'__next\'></div><script id=\'__NEXT_DATA__\' type=\'application/json\'>{"props":{"pageProps":{"product":{"name":"Blue lamp","price":49.9,"colours":["blue","night"]}}}}</script>',
            ),
        ),
        (
            "/game",
            page(
                "2048",
                "<canvas id='board' width='400' height='400'></canvas><p>Join the tiles with the arrow keys.</p><script src='/game.js'></script>",
            ),
        ),
        (
            "/radio",
            page(
                "Radio Brightside",
                "<audio controls src='/live.mp3'></audio><script src='/player.js'></script>",
            ),
        ),
        (
            "/map",
            page(
                "Harbour map",
                "<svg width='300' height='200'><path d='M0 0L9 9'/></svg><script src='/zoom.js'></script>",
            ),
        ),
    ]


def not_html(site: str) -> list[LabelledAnswer]:
    return [
        LabelledAnswer(
            "",
            '{"error": "not found", "message": "Access denied. Please log in."}',
            f"{site}/api/1",
            media_type="application/json",
        ),
        LabelledAnswer("", "Access denied\nPage not found\n", f"{site}/words.txt", media_type="text/plain"),
        LabelledAnswer(
            "",
            "<?xml version='1.0'?><rss version='2.0'><channel><title>Page not found</title></channel></rss>",
            f"{site}/feed",
            media_type="application/rss+xml",
        ),
    ]
