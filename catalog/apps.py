"""The app that owns the tables."""

from django.apps import AppConfig
from django.db.models.signals import pre_save


class CatalogConfig(AppConfig):
    name = "catalog"
    label = "catalog"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from catalog.fixtures import check_fixture  # noqa: PLC0415  models exist only now

        pre_save.connect(check_fixture, sender="catalog.Seed", dispatch_uid="check_fixture")
