from django.contrib import admin
from djsite.catalog.models import Seed
@admin.register(Seed)
class SeedAdmin(admin.ModelAdmin):
    pass
