"""Takes the pictures of README and guide, of a demo that it starts: ``python docs/how-to/pictures/take.py``.

Needs the packages for tests and Debian's chromium. It takes minutes: the demo's prices have to change.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
CHROMIUM = "/usr/bin/chromium"
CHANGES = 150.0  # seconds of changing prices
GREETING = re.compile(r"running at (\S+)/.*sign in\s+(\S+) / (\S+)", re.DOTALL)


class Picture(NamedTuple):
    """What is pictured: its name, the page, and the height of what is shown in pixels."""

    name: str
    path: str
    height: int = 900


PICTURES = (
    Picture("dashboard", "/"),
    Picture("new-seed", "/seeds/new/", 1000),
    Picture("data", "/records/?seed=1&collection=products"),
    Picture("changes", "/changes/"),
    Picture("explain", "/explain/?url={shop}"),
    Picture("exports", "/exports/", 700),
)


@contextmanager
def demo(data: str) -> Iterator[tuple[str, str]]:
    """A running demo on a new data folder: its output up to the greeting, and the address of its shop."""
    command = [str(ROOT / "crawlbeat"), "demo", "--data", data]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"NO_COLOR": "1"})
    try:
        lines = []
        for line in process.stdout or ():
            lines.append(line)
            if "Ctrl-C" in line:
                break
        shop = next(line.split()[-1] for line in lines if "the shop" in line)
        yield "".join(lines), shop
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def log_in(page: Page, base: str, name: str, password: str) -> None:
    page.goto(base + "/")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", password)
    page.click("button")
    page.wait_for_url(base + "/")


def make_a_file(page: Page, base: str) -> None:
    """Have a file made, so that there is one to be seen."""
    page.goto(base + "/exports/")
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("link", name="Download").first.wait_for()


def take(page: Page, base: str, shop: str, picture: Picture) -> None:
    """One picture, of the width of a desk."""
    page.set_viewport_size({"width": 1400, "height": picture.height})
    page.goto(base + picture.path.format(shop=shop))
    page.screenshot(path=HERE / f"{picture.name}.png")


def main() -> int:
    with (
        tempfile.TemporaryDirectory() as data,
        demo(data) as (greeting, shop),
        sync_playwright() as driver,
    ):
        if (words := GREETING.search(greeting)) is None:
            raise SystemExit(f"the greeting has another form:\n{greeting}")
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = chromium.new_page()
        page.set_default_timeout(60_000)
        log_in(page, *words.groups())
        time.sleep(CHANGES)
        make_a_file(page, words[1])
        for picture in PICTURES:
            take(page, words[1], shop, picture)
        chromium.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
