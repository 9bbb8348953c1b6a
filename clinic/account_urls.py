"""The pages of allauth that are open, under their own names; nobody has a password, and the first code signs up."""

from allauth.account import views as allauth_views
from django.urls import include, path

from clinic.views import account

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("login/code/", account.login_again, name="account_request_login_code"),
    path("login/code/confirm/", allauth_views.confirm_login_code, name="account_confirm_login_code"),
    path("login/other/", account.login_other, name="account_login_other"),
    path("logout/", allauth_views.logout, name="account_logout"),
    path("inactive/", allauth_views.account_inactive, name="account_inactive"),
    path("reauthenticate/", allauth_views.reauthenticate, name="account_reauthenticate"),
    path("2fa/", include("allauth.mfa.urls")),
    *[
        path(address, account.closed, name=name)
        for address, name in [
            ("signup/", "account_signup"),
            ("email/", "account_email"),
            ("confirm-email/", "account_email_verification_sent"),
            ("password/change/", "account_change_password"),
            ("password/set/", "account_set_password"),
            ("password/reset/", "account_reset_password"),
        ]
    ],
]
