"""The guide: documents for people who use Crawlbeat, as pages of the site."""
