from django.urls import path

from access.requests import examination, views

ONE = "requests/<uuid:request_id>"

urlpatterns = [
    path("requests", views.my_requests, name="my_requests"),
    path("requests/new", views.new_request, name="new_request"),
    path(ONE, views.one_request, name="request"),
    path(f"{ONE}/project", views.project, name="request_project"),
    path(f"{ONE}/data", views.data, name="request_data"),
    path(f"{ONE}/data/<uuid:dataset_id>", views.fields, name="request_fields"),
    path(f"{ONE}/conditions", views.conditions, name="request_conditions"),
    path(f"{ONE}/team", views.team, name="request_team"),
    path(f"{ONE}/review", views.review, name="request_review"),
    path(f"{ONE}/steps/<slug:step>", views.request_step, name="request_step"),
    path("admin/", examination.home, name="administration"),
    path("admin/requests/", examination.queue, name="examine_requests"),
    path("admin/requests/<uuid:request_id>/", examination.examine, name="examine_request"),
    path(
        "admin/requests/<uuid:request_id>/estimates/<uuid:dataset_id>",
        examination.estimate,
        name="examine_estimate",
    ),
    path(
        "admin/requests/<uuid:request_id>/steps/<slug:step>",
        examination.examine_step,
        name="examine_step",
    ),
]
