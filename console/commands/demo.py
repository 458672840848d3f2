"""``crawlbeat demo``: ``up``, with a small shop on loopback and two seeds that crawl it every half minute."""

from __future__ import annotations

import argparse
import re

from django.utils import timezone

from catalog.models import Seed
from console.checks import check_address
from console.commands.up import Site, serve
from djsite.desk import seeds
from embedded.datadir import DataFolder
from embedded.errors import Trouble
from embedded.programs import shop
from embedded.programs.shop_pages import CATEGORIES
from embedded.services import program
from embedded.supervisor import Service

PRICES = "Shop prices"
NEWS = "Shop news"
INTERVAL = 30  # seconds
DELAY = 0.1


def run(options: argparse.Namespace, folder: DataFolder) -> int:
    """Run until a signal asks us to stop."""
    return serve(Demo("demo", options.host, options.port), folder)


class Demo(Site):
    """The site with its shop, on the next free port."""

    def more(self) -> list[Service]:
        """The shop; and the seeds, unless they exist or were deleted."""
        self.shop_port = free_port_after(self.port)
        make_seed(PRICES, self.shop, scope="host", exclude="*/news/*", collections=[_PRODUCTS])
        make_seed(NEWS, f"{self.shop}news/", scope="prefix", priority=3, fields=_NEWS_FIELDS)
        return [program("shop", shop, ["--port", str(self.shop_port)], {})]

    @property
    def shop(self) -> str:
        return f"http://127.0.0.1:{self.shop_port}/"

    def greeting(self) -> list[str]:
        """Where the shop is."""
        return [f"the shop  {self.shop}"]


_PRODUCTS = {
    "name": "products",
    "pages": [f"*/{category}/?*" for category in CATEGORIES],
    "key": ["number"],
    "fields": [
        {"name": "number", "css": ".sku"},
        {"name": "name", "css": "h1"},
        {"name": "price", "css": ".price", "type": "money"},
        {"name": "stock", "css": ".stock", "type": "number"},
    ],
}
_NEWS_FIELDS = [{"name": "headline", "css": "h1"}, {"name": "text", "css": ".lead"}]


def make_seed(name: str, start_url: str, **columns: object) -> None:
    """Make a demo seed once; later only change its start URLs when the shop has another port."""
    seed = Seed.objects.filter(name=name).first()
    if seed is None:
        seed = Seed(name=name, start_urls=start_url, delay=DELAY, allow_networks="127.0.0.0/8", **columns)
        seed.schedule, seed.interval_seconds = Seed.Schedule.INTERVAL, INTERVAL
    moved = re.sub(r"^http://127\.0\.0\.1:\d+", start_url.partition("/news/")[0].rstrip("/"), seed.start_urls)
    if seed.pk is None or (moved != seed.start_urls and seed.deleted_at is None):
        seed.start_urls = moved
        seed.full_clean()
        seeds.save(seed, timezone.now())


def free_port_after(port: int) -> int:
    """The next free port."""
    for candidate in range(port + 1, min(port + 100, 65536)):
        try:
            check_address("127.0.0.1", candidate)
        except Trouble:
            continue
        return candidate
    raise Trouble(f"no port after {port} is free for the shop; choose another --port")
