from django.urls import path

from access.refreshing import views

urlpatterns = [
    path("grants/<uuid:grant_id>/releases", views.grant_releases, name="grant_releases"),
    path(
        "grants/<uuid:grant_id>/releases/<uuid:dataset_id>",
        views.release_decision,
        name="release_decision",
    ),
]
