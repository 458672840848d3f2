"""What a page says to machines: JSON-LD, microdata, data in scripts and tables, as plain values."""
