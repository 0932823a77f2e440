from django.urls import path

from access.extracts import views

urlpatterns = [
    path("grants/<uuid:grant_id>/extracts", views.grant_extracts, name="grant_extracts"),
    path("extracts/<uuid:extract_id>", views.extract, name="extract"),
    path("extracts/<uuid:extract_id>/progress", views.extract_progress, name="extract_progress"),
    path("extracts/<uuid:extract_id>/cancel", views.extract_cancel, name="extract_cancel"),
    path(
        "extracts/<uuid:extract_id>/recalls/<int:upto>/list",
        views.extract_recall,
        name="extract_recall",
    ),
    path(
        "extracts/<uuid:extract_id>/recalls/<int:upto>/attestation",
        views.extract_attest,
        name="extract_attest",
    ),
    path("extracts/<uuid:extract_id>/files/<str:name>", views.extract_file, name="extract_file"),
]
