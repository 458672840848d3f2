"""The options of commands that crawl or try pages, and what they give."""
