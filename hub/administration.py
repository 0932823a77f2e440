"""The administration as a whole: who may enter, and what it is called."""

from django.contrib.admin.apps import AdminConfig


class HubAdminConfig(AdminConfig):
    """Django's administration with the hub's site."""

    default_site = "hub.people.administration.HubAdminSite"
