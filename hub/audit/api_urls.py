from django.urls import path

from hub.audit import api

urlpatterns = [
    path("trail", api.Trail.as_view(), name="api_trail"),
    path("trail/verification", api.TrailVerification.as_view(), name="api_trail_verification"),
]
