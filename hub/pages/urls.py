from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from hub.pages import dataset, transparency, views

urlpatterns = [
    path("", views.home, name="home"),
    path("datasets/<slug:slug>", dataset.dataset, name="dataset"),
    path("transparency", transparency.transparency, name="transparency"),
    path("help", views.help_page, name="help"),
    path("pages/<slug:name>", views.page, name="page"),
    path("language", views.language, name="language"),
    path("-/live", views.live, name="live"),
    path("-/ready", views.ready, name="ready"),
    path("api/v1/schema", SpectacularAPIView.as_view(), name="api_schema"),
    path("api/", views.api_docs, name="api_docs"),
]
