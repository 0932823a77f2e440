from django.urls import path

from access.consents import api

urlpatterns = [
    path("datasets/<uuid:dataset_id>/consents", api.Consents.as_view(), name="api_consents"),
]
