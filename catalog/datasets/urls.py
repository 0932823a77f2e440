from django.urls import path

from catalog.datasets import views

urlpatterns = [
    path("my/datasets", views.my_datasets, name="my_datasets"),
    path("my/datasets/new", views.register, name="register_dataset"),
    path("my/datasets/<slug:slug>/describe", views.describe, name="dataset_describe"),
    path("my/datasets/<slug:slug>/data", views.data, name="dataset_data"),
    path("my/datasets/<slug:slug>/conditions", views.conditions, name="dataset_conditions"),
    path("my/datasets/<slug:slug>/release", views.open_release, name="dataset_release"),
]
