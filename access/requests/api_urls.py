from django.urls import path

from access.requests import api

ONE = "requests/<uuid:request_id>"

urlpatterns = [
    path("requests", api.Requests.as_view(), name="api_requests"),
    path("requests/to-examine", api.ToExamine.as_view(), name="api_requests_to_examine"),
    path(ONE, api.OneRequest.as_view(), name="api_request"),
    path(
        f"{ONE}/datasets/<str:dataset>", api.RequestedOne.as_view(), name="api_requested_dataset"
    ),
    path(f"{ONE}/team", api.Team.as_view(), name="api_request_team"),
    path(f"{ONE}/team/<uuid:member_id>", api.TeamMember.as_view(), name="api_request_team_member"),
    path(f"{ONE}/steps/<str:step>", api.RequestStep.as_view(), name="api_request_step"),
    path(f"{ONE}/estimates", api.RequestEstimates.as_view(), name="api_request_estimates"),
    path(f"{ONE}/plan", api.RequestPlan.as_view(), name="api_request_plan"),
]
