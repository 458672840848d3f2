"""Whole crawls by ``crawlbeat crawl``: how fast and how polite they are, how large workers grow."""
