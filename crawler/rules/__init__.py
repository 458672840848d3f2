"""Which URL is asked for, and when: URLs, scope, robots.txt, politeness, traps, retries."""
