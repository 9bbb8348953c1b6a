"""Who may do what: the roles of the team, and what each may do in the admin site.

The team works for one clinic (`User.clinic`) and sees only its data: rows are fetched through `bookings.access`, which
answers 404 for another clinic's. Here stands what depends on the role alone: 403 for the wrong one.

- reception and assistants run the day; they have no admin site and never see medical answers
- physicians also review answers, see the catalogue, and sign where it departs from its source
- the manager edits the clinic and the catalogue, and only looks at bookings
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from clinic.models import Role, User

View = Callable[..., HttpResponseBase]

TEAM = (Role.RECEPTION, Role.ASSISTANT, Role.PRACTITIONER, Role.MANAGER)
PHYSICIANS = (Role.PRACTITIONER,)  # the only ones who read medical answers and decide on them
FRONT_DESK = (Role.RECEPTION, Role.MANAGER)

EVERYTHING = frozenset({"view", "add", "change", "delete"})
VIEW = frozenset({"view"})

# role -> app -> what it may do with every model of that app in the admin site
MAY: dict[str, dict[str, frozenset[str]]] = {
    Role.MANAGER: {"clinic": EVERYTHING, "treatments": EVERYTHING, "bookings": VIEW},
    Role.PRACTITIONER: {"treatments": VIEW},
}
# role -> single permissions besides
MAY_ALSO: dict[str, frozenset[str]] = {Role.PRACTITIONER: frozenset({"treatments.change_departure"})}
# medical answers are read on the course page only, where each reading leaves a trace
NEVER = frozenset({"screeninganswers", "answersreading"})


def role_required(*roles: Role) -> Callable[[View], View]:
    """Only these roles, and only while they work for a clinic: else 403. Inside, times are in the clinic's zone."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            user = request.user
            if not user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if user.role not in roles or user.clinic is None:
                raise PermissionDenied
            with timezone.override(user.clinic.zone):
                return view(request, *args, **kwargs)

        return guarded

    return decorate


class RoleBackend(BaseBackend):
    """Permissions that follow from the role; nobody has a list of permissions of their own."""

    def has_perm(self, user_obj: Any, perm: str, obj: object = None) -> bool:
        if not isinstance(user_obj, User) or not user_obj.is_active:
            return False
        app, _, codename = perm.partition(".")
        action, _, model = codename.partition("_")
        if model in NEVER:
            return False
        return action in MAY.get(user_obj.role, {}).get(app, ()) or perm in MAY_ALSO.get(user_obj.role, ())

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return isinstance(user_obj, User) and user_obj.is_active and app_label in MAY.get(user_obj.role, {})
