from django.urls import path

from access.refreshing import api

urlpatterns = [
    path("grants/<uuid:grant_id>/releases", api.GrantReleases.as_view(), name="api_releases"),
    path(
        "grants/<uuid:grant_id>/releases/<uuid:dataset_id>",
        api.ReleaseDecision.as_view(),
        name="api_release_decision",
    ),
]
