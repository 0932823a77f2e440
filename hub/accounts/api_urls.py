from django.urls import path

from hub.accounts import api

urlpatterns = [
    path("me", api.Me.as_view(), name="api_me"),
    path("tokens", api.Tokens.as_view(), name="api_tokens"),
    path("tokens/<uuid:token_id>", api.Token.as_view(), name="api_token"),
    path("organisations", api.Organisations.as_view(), name="api_organisations"),
    path("organisations/<slug:slug>", api.OneOrganisation.as_view(), name="api_organisation"),
]
