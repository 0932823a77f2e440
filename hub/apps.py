from django.apps import AppConfig


class HubConfig(AppConfig):
    """The place itself: people, trail, outbox, pages."""

    name = "hub"
    default_auto_field = "django.db.models.BigAutoField"
