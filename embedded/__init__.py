"""The one-command mode: child processes, their supervisor, Valkey and the command line."""
