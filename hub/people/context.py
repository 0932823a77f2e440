"""What every page needs to know."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from hub.people.acting import acting
from hub.people.permissions import OFFICERS, Profile, Role


def hub(request: HttpRequest) -> dict[str, Any]:
    """Return the name of the hub, and who acts as whom."""
    actor = acting(request) if hasattr(request, "user") else None
    return {
        "hub_name": settings.HUB_NAME,
        "hub_operator": settings.HUB_OPERATOR,
        "hub_theme": settings.HUB_THEME,
        "actor": actor,
        "is_officer": bool(actor and actor.roles & OFFICERS),
        "is_producer": bool(
            actor and (actor.profile == Profile.PRODUCER or Role.EDITOR in actor.roles)
        ),
    }
