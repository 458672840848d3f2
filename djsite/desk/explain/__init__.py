"""Why an address is stored or missing, told for any address from what is kept; nothing is asked of a host."""
