from django.urls import path

from access.charters import editing, views

urlpatterns = [
    path("charters", views.my_charters, name="my_charters"),
    path("charters/<slug:profile>", views.charter, name="charter"),
    path(
        "charters/<slug:profile>/versions/<int:number>",
        views.charter_version,
        name="charter_version",
    ),
    path("admin/charters/", editing.charters, name="edit_charters"),
    path("admin/charters/<slug:profile>/", editing.edit, name="edit_charter"),
]
