from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """What data exist, and how to reach them."""

    name = "catalog"
    default_auto_field = "django.db.models.BigAutoField"
