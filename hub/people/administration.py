"""The administration: officers enter; what each may do there is decided object by object."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from hub.people.acting import acting
from hub.people.permissions import OFFICERS


class HubAdminSite(AdminSite):
    """Django's administration, for people who act with an officer's role."""

    site_header = _("Administration of the hub")
    site_title = _("Administration")
    index_title = _("What waits for you")
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in whoever acts with a role of an officer; never by a flag on the account."""
        actor = acting(request)
        return actor is not None and bool(actor.roles & OFFICERS)
