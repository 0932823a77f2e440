from django.urls import path

from access.reidentification import api

ONE = "reidentifications/<uuid:demand_id>"

urlpatterns = [
    path(
        "grants/<uuid:grant_id>/reidentifications",
        api.GrantDemands.as_view(),
        name="api_grant_reidentifications",
    ),
    path("reidentifications", api.Demands.as_view(), name="api_reidentifications"),
    path(ONE, api.OneDemand.as_view(), name="api_reidentification"),
    path(f"{ONE}/approval", api.Approval.as_view(), name="api_reidentification_approval"),
    path(f"{ONE}/refusal", api.DemandRefusal.as_view(), name="api_reidentification_refusal"),
    path(f"{ONE}/closing", api.Closing.as_view(), name="api_reidentification_closing"),
    path(f"{ONE}/match", api.MatchOfDemand.as_view(), name="api_reidentification_match"),
]
