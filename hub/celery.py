"""The Celery application: workers and beat start here."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings.production")

app = Celery("hub")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    [
        "hub.outbox",
        "catalog.vault",
        "access.estimates",
        "access.requests",
        "access.extracts",
        "access.reidentification",
    ],
    related_name="tasks",
)
app.autodiscover_tasks(["access"], related_name="reactions")
