"""One request and its result: fetching, transport, bodies, header fields, the address guard."""
