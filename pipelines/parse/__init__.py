"""The parse stage: from a batch's bodies to titles, text, fields and outlinks. CPU bound; may be killed."""

from pipelines.parse.batch import parse_batch
from pipelines.parse.page import PageRules, page_rules, parse_page
from pipelines.parse.sitemap import parse_sitemap

__all__ = ["PageRules", "page_rules", "parse_batch", "parse_page", "parse_sitemap"]
