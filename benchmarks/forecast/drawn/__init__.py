"""Sites whose shape is drawn by a number: kind, size, addresses, paging, sitemap and traps.

:func:`.drawing.draw` is the entry. The same number draws the same site.
"""
