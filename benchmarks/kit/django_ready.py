"""Makes Django ready when it is imported, so that tables can be imported after it."""

import django

django.setup()
