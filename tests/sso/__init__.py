"""Sign-in by a provider and second factors, in a session of their own (tests/integration/test_sso.py)."""
