"""Importing this first makes Django ready, so that tables can be imported after it."""

import django

django.setup()
