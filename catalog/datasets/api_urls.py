from django.urls import path

from catalog.datasets import api, hierarchy_api, node_api

urlpatterns = [
    path("datasets/<slug:reference>", api.OneDataset.as_view(), name="api_dataset"),
    path("datasets/<slug:reference>/upload", api.UploadView.as_view(), name="api_upload"),
    path("datasets/<slug:reference>/source", api.SourceView.as_view(), name="api_source"),
    path(
        "datasets/<slug:reference>/node-source",
        node_api.NodeSource.as_view(),
        name="api_node_source",
    ),
    path("datasets/<slug:reference>/fields", api.FieldsView.as_view(), name="api_fields"),
    path(
        "datasets/<slug:reference>/fields/<path:name>/hierarchy",
        hierarchy_api.HierarchyView.as_view(),
        name="api_hierarchy",
    ),
    path("datasets/<slug:reference>/releases", api.Releases.as_view(), name="api_releases"),
    path("datasets/<slug:reference>/withdrawal", api.Withdrawal.as_view(), name="api_withdrawal"),
]
