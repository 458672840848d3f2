"""Crawls under faults: every process, server and disk dies, hangs or fills up."""
