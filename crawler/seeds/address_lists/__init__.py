"""Lists of addresses as people have them: lines of text, a column of a table, OPML, sitemaps and feeds."""
