from django.urls import path

from catalog.search import views

urlpatterns = [
    path("datasets", views.catalogue, name="catalogue"),
    path("producers", views.producers, name="producers"),
    path("producers/<slug:slug>", views.producer, name="producer"),
]
