"""Alerts: what may be asked for, saving them, trying them on the past, and what they have told."""
