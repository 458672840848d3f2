"""Known failures: accepting them, taking that back, and what is shown of them."""
