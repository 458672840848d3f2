"""The job for Crawlee: ``crawlee_job.py JOB.json``; a ParselCrawler with memory storage."""

import asyncio
import json
import sys
from datetime import timedelta

from crawlee import ConcurrencySettings
from crawlee.crawlers import ParselCrawler, ParselCrawlingContext
from crawlee.storage_clients import MemoryStorageClient

JOB = json.load(open(sys.argv[1]))
CONNECTIONS = JOB["connections"] * len(JOB["hosts"])  # Crawlee limits them over all hosts


async def main() -> None:
    crawler = ParselCrawler(
        storage_client=MemoryStorageClient(),
        respect_robots_txt_file=True,
        max_request_retries=2,
        concurrency_settings=ConcurrencySettings(
            min_concurrency=CONNECTIONS, desired_concurrency=CONNECTIONS, max_concurrency=CONNECTIONS
        ),
        configure_logging=False,
        statistics_log_format="inline",
        request_handler_timeout=timedelta(minutes=1),
    )

    @crawler.router.default_handler
    async def handle(context: ParselCrawlingContext) -> None:
        select = context.selector
        item = {
            "url": context.request.url,
            "status": context.http_response.status_code,
            "title": select.css("title::text").get(),
            "text": select.xpath("normalize-space(//body)").get(),
        }
        for name, css in JOB["fields"].items():
            item[name] = select.css(css).get()
        await context.push_data(item)
        await context.enqueue_links(strategy="same-hostname")

    await crawler.run(JOB["urls"])
    data = await crawler.get_data()
    with open(JOB["output"], "w") as file:
        file.write(json.dumps({"items": data.count}) + "\n")


asyncio.run(main())
