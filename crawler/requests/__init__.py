"""One request and what came of it: fetching, transport, bodies, header fields, the address guard."""
