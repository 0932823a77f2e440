"""Every address of the hub."""

from django.contrib import admin
from django.urls import include, path

from hub.accounts.views import address

urlpatterns = [
    path("", include("hub.pages.urls")),
    path("account/", include("hub.accounts.urls")),
    path("accounts/email/", address, name="account_email"),
    path("accounts/", include("allauth.urls")),
    path("admin/trail/", include("hub.audit.urls")),
    path("", include("access.charters.urls")),
    path("", include("access.requests.urls")),
    path("", include("access.grants.urls")),
    path("", include("access.refreshing.urls")),
    path("", include("access.reidentification.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("hub.accounts.api_urls")),
    path("api/v1/", include("hub.audit.api_urls")),
    path("", include("catalog.search.urls")),
    path("", include("catalog.datasets.urls")),
    path("", include("catalog.vault.urls")),
    path("api/v1/", include("catalog.search.api_urls")),
    path("api/v1/", include("catalog.vault.api_urls")),
    path("api/v1/", include("catalog.datasets.api_urls")),
    path("api/v1/", include("catalog.nodes.api_urls")),
    path("", include("access.consents.urls")),
    path("api/v1/", include("access.consents.api_urls")),
    path("api/v1/", include("access.errands.api_urls")),
    path("", include("access.extracts.urls")),
    path("api/v1/", include("access.extracts.api_urls")),
    path("api/v1/", include("access.charters.api_urls")),
    path("api/v1/", include("access.grants.api_urls")),
    path("api/v1/", include("access.refreshing.api_urls")),
    path("api/v1/", include("access.reidentification.api_urls")),
    path("api/v1/", include("access.requests.api_urls")),
]

handler400 = "hub.web.answers.bad_request"
handler403 = "hub.web.answers.forbidden"
handler404 = "hub.web.answers.not_found"
handler500 = "hub.web.answers.failed"
