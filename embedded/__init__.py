"""The one-command mode: child processes, their supervisor, Valkey and the demo's shop.

It runs the scheduler's processes, and does beat's work during a ``crawl``, so it may import the scheduler.
"""
