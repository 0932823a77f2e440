from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Who gets what, on which conditions, and the delivery."""

    name = "access"
    default_auto_field = "django.db.models.BigAutoField"
