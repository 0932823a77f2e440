from django.urls import path

from access.grants import views

urlpatterns = [
    path("grants", views.my_grants, name="my_grants"),
    path("grants/on-my-data", views.grants_on_my_data, name="grants_on_my_data"),
    path("grants/<uuid:grant_id>", views.grant, name="grant"),
    path("grants/<uuid:grant_id>/steps/<slug:step>", views.grant_step, name="grant_step"),
]
