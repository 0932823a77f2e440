from django.urls import path

from access.reidentification import views

ONE = "reidentifications/<uuid:demand_id>"

urlpatterns = [
    path(
        "grants/<uuid:grant_id>/reidentifications",
        views.of_grant,
        name="grant_reidentifications",
    ),
    path("reidentifications", views.mine, name="reidentifications"),
    path(ONE, views.demand, name="reidentification"),
    path(f"{ONE}/steps/<slug:step>", views.step, name="reidentification_step"),
    path(f"{ONE}/match", views.match, name="reidentification_match"),
]
