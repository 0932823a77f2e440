from django.urls import path

from hub.accounts import views

urlpatterns = [
    path("", views.account, name="account"),
    path("act-as", views.act_as, name="act_as"),
    path("tokens/<uuid:token_id>/revoke", views.revoke_token, name="revoke_token"),
]
