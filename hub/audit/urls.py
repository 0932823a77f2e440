from django.urls import path

from hub.audit import views

urlpatterns = [path("", views.trail, name="trail")]
