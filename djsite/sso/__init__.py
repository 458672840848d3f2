"""Signing in by a provider (OpenID Connect), and second factors: an app of the extra ``sso`` alone."""
