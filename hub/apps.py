from django.apps import AppConfig


class HubConfig(AppConfig):
    """The place itself: people, trail, outbox, pages."""

    name = "hub"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the hub's Celery application the current one, so that tasks are sent to its broker."""
        import hub.celery  # noqa: PLC0415, F401 - when Django is ready
