from django.urls import path, re_path

from catalog.vault import views

urlpatterns = [
    path("my/datasets/<slug:slug>/fields", views.fields, name="dataset_fields"),
    path("my/datasets/<slug:slug>/ingest", views.ingest, name="dataset_ingest"),
    path("my/datasets/<slug:slug>/progress", views.progress, name="dataset_progress"),
    path("my/datasets/<slug:slug>/publish", views.publish, name="dataset_publish"),
    path("my/datasets/<slug:slug>/withdraw", views.withdraw, name="dataset_withdraw"),
    re_path(
        r"^datasets/(?P<slug>[-\w]+)/download\.(?P<file_format>csv|parquet)$",
        views.download,
        name="dataset_download",
    ),
]
