"""What a browser may do with our pages, and from which address a request comes."""

from allauth.account.adapter import get_adapter
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

ADMIN_PREFIX = "/admin/"


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """The strict policy of the settings everywhere, and the admin's own, looser one under /admin/."""

    def get_policy_parts(self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith(ADMIN_PREFIX) and not report_only:
            parts.replace = settings.ADMIN_CONTENT_SECURITY_POLICY | (parts.replace or {})
        return parts


def client_address(request: HttpRequest) -> str:
    """The network address of the visitor: behind `PROXIES` proxies the one they vouch for, never a forged header."""
    return get_adapter(request).get_client_ip(request)
