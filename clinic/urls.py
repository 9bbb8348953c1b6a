"""The site map. The pages of the other apps are included by name, so that nothing here imports them."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from clinic.health import healthz

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # one way to log in, with codes

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("account/", include("clinic.account_urls")),
    path("admin/", admin.site.urls),
    path("", include("clinic.pages_urls")),
    path("", include("bookings.urls")),
]
