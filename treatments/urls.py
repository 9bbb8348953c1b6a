"""Pages about what is offered that know no dates; `clinic.pages_urls` includes them under its own name."""

from django.urls import path

from treatments.views import prices

urlpatterns = [
    path("prices/", prices.price_list, name="prices"),
]
