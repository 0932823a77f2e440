from django.urls import path, re_path

from catalog.vault import api

urlpatterns = [
    path("datasets/<slug:reference>/ingestion", api.IngestionView.as_view(), name="api_ingestion"),
    path(
        "datasets/<slug:reference>/publication",
        api.PublicationView.as_view(),
        name="api_publication",
    ),
    re_path(
        r"^datasets/(?P<reference>[-\w]+)/download\.(?P<file_format>csv|parquet)$",
        api.Download.as_view(),
        name="api_download",
    ),
]
