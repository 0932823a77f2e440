from django.urls import path

from access.grants import api

urlpatterns = [
    path("grants", api.Grants.as_view(), name="api_grants"),
    path("grants/<uuid:grant_id>", api.OneGrant.as_view(), name="api_grant"),
    path(
        "grants/<uuid:grant_id>/steps/<str:step>", api.GrantStep.as_view(), name="api_grant_step"
    ),
    path("transparency", api.Register.as_view(), name="api_transparency"),
]
