"""The one-command mode: child processes, their supervisor, Valkey and the demo's shop."""
