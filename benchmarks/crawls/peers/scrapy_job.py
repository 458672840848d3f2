"""The job for Scrapy: ``scrapy_job.py JOB.json``; items go to a JSON Lines feed."""

import json
import sys

import scrapy
from scrapy.crawler import CrawlerProcess

JOB = json.load(open(sys.argv[1]))


class Pages(scrapy.Spider):
    """Follows every link of the start URLs' hosts; one item a page."""

    name = "pages"
    start_urls = JOB["urls"]
    allowed_domains = JOB["hosts"]

    def parse(self, response):
        item = {"url": response.url, "status": response.status, "title": response.css("title::text").get()}
        for name, css in JOB["fields"].items():
            item[name] = response.css(css).get()
        item["text"] = response.xpath("normalize-space(//body)").get()
        yield item
        yield from response.follow_all(css="a")


process = CrawlerProcess(
    {
        "ROBOTSTXT_OBEY": True,
        "USER_AGENT": "bench",
        "CONCURRENT_REQUESTS": JOB["connections"] * len(JOB["hosts"]),
        "CONCURRENT_REQUESTS_PER_DOMAIN": JOB["connections"],
        "DOWNLOAD_DELAY": JOB["delay"],
        "RANDOMIZE_DOWNLOAD_DELAY": False,
        "FEEDS": {JOB["output"]: {"format": "jsonlines"}},
        "LOG_LEVEL": "WARNING",
        "TELNETCONSOLE_ENABLED": False,
    }
)
process.crawl(Pages)
process.start()
