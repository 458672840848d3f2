"""Seeds of a list of addresses, on the site: give it, look at what it holds, make them."""
