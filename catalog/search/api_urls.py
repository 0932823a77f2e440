from django.urls import path

from catalog.search import api

urlpatterns = [path("datasets", api.Datasets.as_view(), name="api_datasets")]
