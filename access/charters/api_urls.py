from django.urls import path

from access.charters import api

urlpatterns = [
    path("charters", api.Charters.as_view(), name="api_charters"),
    path("charters/<slug:profile>", api.OneCharter.as_view(), name="api_charter"),
    path(
        "charters/<slug:profile>/signature",
        api.MySignature.as_view(),
        name="api_charter_signature",
    ),
]
