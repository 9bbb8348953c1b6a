"""The pages about the house that everybody may read."""

from django.urls import include, path

from clinic.views import pages

app_name = "clinic"

urlpatterns = [
    path("", include("treatments.urls")),
    path("physicians/", pages.physicians, name="physicians"),
    path("legal-notice/", pages.legal, name="legal"),
    path("privacy/", pages.privacy, name="privacy"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("robots.txt", pages.robots, name="robots"),
]
