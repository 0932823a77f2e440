import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings.production")
_django = get_asgi_application()

from django.conf import settings  # noqa: E402 - settings are there once Django is set up

from hub.web.bodies import BoundedBodies  # noqa: E402
from hub.web.uploads import ROOM_FOR_FIELDS  # noqa: E402

application = BoundedBodies(_django, settings.HUB_UPLOAD_LIMIT + ROOM_FOR_FIELDS)
