from django.urls import path

from access.consents import views

urlpatterns = [
    path("datasets/<slug:slug>/consents", views.consents, name="dataset_consents"),
]
