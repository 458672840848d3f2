"""Forecasts: how large a crawl would be, before it begins."""
