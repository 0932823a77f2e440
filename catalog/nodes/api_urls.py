from django.urls import path

from catalog.nodes import api

urlpatterns = [
    path("nodes", api.Nodes.as_view(), name="api_nodes"),
    path("nodes/<uuid:node_id>/secret", api.NodeSecret.as_view(), name="api_node_secret"),
    path("nodes/<uuid:node_id>/closure", api.NodeClosure.as_view(), name="api_node_closure"),
]
