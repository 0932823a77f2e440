from django.urls import path

from catalog.datasets import hierarchy_views, node_views, views

urlpatterns = [
    path("my/datasets", views.my_datasets, name="my_datasets"),
    path("my/datasets/new", views.register, name="register_dataset"),
    path("my/datasets/<slug:slug>/describe", views.describe, name="dataset_describe"),
    path("my/datasets/<slug:slug>/data", views.data, name="dataset_data"),
    path("my/datasets/<slug:slug>/node", node_views.dataset_at_node, name="dataset_at_node"),
    path("my/nodes", node_views.my_nodes, name="my_nodes"),
    path("my/nodes/<uuid:node_id>/secret", node_views.node_secret, name="node_secret"),
    path("my/nodes/<uuid:node_id>/close", node_views.node_close, name="node_close"),
    path(
        "my/datasets/<slug:slug>/fields/<int:position>/hierarchy",
        hierarchy_views.hierarchy,
        name="dataset_hierarchy",
    ),
    path("my/datasets/<slug:slug>/conditions", views.conditions, name="dataset_conditions"),
    path("my/datasets/<slug:slug>/release", views.open_release, name="dataset_release"),
]
