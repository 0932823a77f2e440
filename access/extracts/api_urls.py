from django.urls import path

from access.extracts import api

urlpatterns = [
    path("signing-key", api.SigningKey.as_view(), name="api_signing_key"),
    path("grants/<uuid:grant_id>/extracts", api.GrantExtracts.as_view(), name="api_extracts"),
    path("extracts/<uuid:extract_id>", api.OneExtract.as_view(), name="api_extract"),
    path(
        "extracts/<uuid:extract_id>/recalls/<int:upto>/list",
        api.RecallList.as_view(),
        name="api_extract_recall",
    ),
    path(
        "extracts/<uuid:extract_id>/recalls/<int:upto>/attestation",
        api.RecallAttestation.as_view(),
        name="api_extract_attest",
    ),
    path(
        "extracts/<uuid:extract_id>/cancel",
        api.ExtractCancellation.as_view(),
        name="api_extract_cancel",
    ),
    path(
        "extracts/<uuid:extract_id>/files/<str:name>",
        api.ExtractFileContent.as_view(),
        name="api_extract_file",
    ),
]
