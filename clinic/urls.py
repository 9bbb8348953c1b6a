"""The site map. The pages of the other apps are included by name, so that nothing here imports them."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from clinic.health import healthz

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # one way to log in, with codes

handler400 = "clinic.views.errors.bad_request"
handler403 = "clinic.views.errors.permission_denied"
handler404 = "clinic.views.errors.page_not_found"
handler429 = "clinic.views.errors.too_many_requests"  # allauth asks for it
handler500 = "clinic.views.errors.server_error"

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("language/", login_not_required(set_language), name="set_language"),
    path("account/", include("clinic.account_urls")),
    path("admin/", admin.site.urls),
    path("", include("clinic.pages_urls")),
    path("", include("bookings.urls")),
]
