from django.urls import path

from access.errands import api

EXTRACT = "node/extracts/<uuid:extract_id>"
INTAKE = "node/intakes/<uuid:job_id>"

urlpatterns = [
    path("node/sources", api.Sources.as_view(), name="api_node_sources"),
    path("node/next", api.next_errand, name="api_node_next"),
    path(f"{EXTRACT}/progress", api.ExtractProgress.as_view(), name="api_node_progress"),
    path(f"{EXTRACT}/consents", api.ExtractConsents.as_view(), name="api_node_consents"),
    path(f"{EXTRACT}/files/<str:name>", api.ExtractFile.as_view(), name="api_node_file"),
    path(f"{EXTRACT}/end", api.ExtractEnd.as_view(), name="api_node_end"),
    path(f"{EXTRACT}/refusal", api.ExtractRefusal.as_view(), name="api_node_refusal"),
    path(f"{INTAKE}/progress", api.IntakeProgress.as_view(), name="api_node_intake_progress"),
    path(f"{INTAKE}/end", api.IntakeEnd.as_view(), name="api_node_intake_end"),
    path(f"{INTAKE}/refusal", api.IntakeRefusal.as_view(), name="api_node_intake_refusal"),
]
