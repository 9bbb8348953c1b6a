"""Protocols: edited while a draft, only looked at once published. A new version begins as a copy.

Publishing, copying and archiving each have a page that says what will happen; publishing lists all that is missing.
"""

from typing import Any, cast

from django.contrib import admin, messages
from django.db import connection
from django.db.models import ForeignKey, ManyToManyField, QuerySet
from django.forms import ModelChoiceField, ModelMultipleChoiceField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from clinic.models import Capability, Kind, User
from treatments import protocols
from treatments.admin.confirmation import ask
from treatments.admin.languages import CatalogueAdmin, CatalogueStacked, CatalogueTabular, SaidAtAField, both
from treatments.models import Phase, Protocol, ProtocolZone, ScreeningRule, Segment, Status, Visit


class OfADraft:
    """Parts of a protocol: whoever may edit may do so while it is a draft. `obj` is the protocol, or a part of it."""

    def _draft(self, obj: Protocol | Visit | ScreeningRule | None) -> bool:
        protocol = obj if obj is None or isinstance(obj, Protocol) else obj.protocol
        return protocol is None or protocol.status == Status.DRAFT

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._draft(obj) and super().has_add_permission(request, obj)  # type: ignore[misc]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._draft(obj) and super().has_change_permission(request, obj)  # type: ignore[misc]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._draft(obj) and super().has_delete_permission(request, obj)  # type: ignore[misc]


class LockedWhileSaved:
    """Saving waits for a publication under way, and then sees that the protocol is frozen."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)  # type: ignore[misc]
        if row is None or request.method != "POST" or not connection.in_atomic_block:
            return row
        protocol = row.pk if isinstance(row, Protocol) else row.protocol_id
        Protocol.objects.select_for_update().get(pk=protocol)
        return super().get_object(request, object_id, from_field)  # type: ignore[misc]


class ProtocolZoneInline(OfADraft, CatalogueTabular):
    model = ProtocolZone
    fields = ("zone", "minutes", "price")


class VisitInline(OfADraft, CatalogueTabular):
    """The kinds of visit; the segments of each are on a page of its own."""

    model = Visit
    fields = ("code", *both("name"), "base_price", "charges_zones", "needs_clearance", "is_consultation")
    show_change_link = True


class PhaseForm(SaidAtAField):
    said_at = "hard_min"


class PhaseInline(OfADraft, CatalogueStacked):
    model = Phase
    form = PhaseForm
    fk_name = "protocol"
    fields = (
        both("name"),
        ("position", "visit", "sessions", "optional_last", "recommended"),
        ("anchor", "anchor_phase", "offset", "unit"),
        ("hard_min", "preferred_before", "preferred_after", "soft_max", "hard_max"),
    )

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> ModelChoiceField | None:
        """Only visits and phases of this protocol."""
        owner = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
        if db_field.name in ("visit", "anchor_phase") and owner is not None and str(owner).isdigit():
            related = Visit if db_field.name == "visit" else Phase
            kwargs["queryset"] = related.objects.filter(protocol=owner)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ScreeningRuleInline(OfADraft, CatalogueTabular):
    """The questions at a glance; the rest of each is on a page of its own."""

    model = ScreeningRule
    fields = ("position", "code", "stage", *both("question"), "outcome", "delay_days")
    show_change_link = True


@admin.register(Protocol)
class ProtocolAdmin(LockedWhileSaved, OfADraft, CatalogueAdmin):
    list_display = ("name", "treatment", "code", "version", "status", "bookable_online", "published_at")
    list_filter = ("treatment", "status", "bookable_online")
    list_select_related = ("treatment",)
    readonly_fields = ("status", "published_at", "published_by")
    fields = (
        both("name"),
        ("treatment", "code", "version"),
        ("lead_capability", "max_zones", "bookable_online"),
        both("consent"),
        ("status", "published_at", "published_by"),
    )
    inlines = (ProtocolZoneInline, VisitInline, PhaseInline, ScreeningRuleInline)
    actions_detail = ("publish", "new_version", "archive")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("treatments.add_protocol"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Drafts only, one at a time: what was published is archived."""
        return obj is not None and super().has_delete_permission(request, obj)

    def get_inlines(self, request: HttpRequest, obj: Protocol | None) -> Any:
        """The parts come once the protocol is stored: phases choose among its visits."""
        return self.inlines if obj else ()

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> ModelChoiceField | None:
        if db_field.name == "lead_capability":
            kwargs["queryset"] = Capability.objects.filter(kind=Kind.PERSON)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        """What fits the state: a draft is published, what is published is archived, and both can be copied."""
        protocol = self.get_object(request, str(object_id))
        fitting = {
            Status.DRAFT: {"publish", "new-version"},
            Status.PUBLISHED: {"new-version", "archive"},
            Status.ARCHIVED: {"new-version"},
        }
        allowed = fitting[Status(protocol.status)] if protocol else set()
        return [each for each in super().get_actions_detail(request, object_id) if each.path in allowed]

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Publishing, copying and archiving stay possible where editing a frozen version is not."""
        return request.user.has_perm("treatments.change_protocol")

    @action(description=gettext_lazy("Publish …"), url_path="publish", permissions=["decide"])
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        protocol = self._protocol(request, object_id)
        if request.method == "POST":
            try:
                protocols.publish(protocol, by=cast("User", request.user), now=timezone.now())
            except protocols.ProtocolRefusal as refusal:
                messages.error(request, refusal.sentence)
            else:
                messages.success(request, _("“%(protocol)s” is published.") % {"protocol": protocol})
                return self._to(protocol)
        return ask(
            self,
            request,
            protocol,
            title=_("Publish"),
            consequence=_(
                "From now on new courses are booked on this version, and it can no longer be changed. Running courses keep theirs."
            ),
            button=_("Publish"),
            obstacles=[problem.sentence for problem in protocols.problems(protocol)],
        )

    @action(description=gettext_lazy("New version …"), url_path="new-version", permissions=["decide"])
    def new_version(self, request: HttpRequest, object_id: str) -> HttpResponse:
        protocol = self._protocol(request, object_id)
        if request.method == "POST":
            draft = protocols.new_draft(protocol)
            messages.success(request, _("Here is the draft of version %(version)s.") % {"version": draft.version})
            return self._to(draft)
        return ask(
            self,
            request,
            protocol,
            title=_("New version"),
            consequence=_("A draft is made as a copy of this version, with all its parts. Nothing changes until you publish it."),
            button=_("Make the draft"),
        )

    @action(description=gettext_lazy("Archive …"), url_path="archive", permissions=["decide"])
    def archive(self, request: HttpRequest, object_id: str) -> HttpResponse:
        protocol = self._protocol(request, object_id)
        if request.method == "POST":
            try:
                protocols.archive(protocol)
            except protocols.ProtocolRefusal as refusal:
                messages.error(request, refusal.sentence)
            else:
                messages.success(request, _("“%(protocol)s” is archived.") % {"protocol": protocol})
            return self._to(protocol)
        return ask(
            self,
            request,
            protocol,
            title=_("Archive"),
            consequence=_("It can no longer be booked. Running courses keep it."),
            button=_("Archive"),
        )

    def _protocol(self, request: HttpRequest, object_id: str) -> Protocol:
        protocol = self.get_object(request, object_id)
        if protocol is None:
            raise Http404
        return protocol

    def _to(self, protocol: Protocol) -> HttpResponse:
        return redirect(reverse("admin:treatments_protocol_change", args=[protocol.pk]))


class PartAdmin(LockedWhileSaved, OfADraft, CatalogueAdmin):
    """A part of a protocol that has a page of its own, made and deleted on the page of the protocol."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and super().has_delete_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("protocol")


class SegmentInline(OfADraft, CatalogueStacked):
    model = Segment
    fields = (
        both("name"),
        ("position", "code", "minutes"),
        ("grows_with_zones", "patient_present", "needling"),
        "needs",
    )

    def formfield_for_manytomany(
        self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any
    ) -> ModelMultipleChoiceField | None:
        kwargs |= {"queryset": Capability.objects.order_by("kind", "code"), "widget": UnfoldAdminCheckboxSelectMultipleWidget}
        return super().formfield_for_manytomany(db_field, request, **kwargs)


@admin.register(Visit)
class VisitAdmin(PartAdmin):
    """The segments of one kind of visit. Reached from its protocol."""

    fields = (both("name"), "code", ("base_price", "charges_zones"), ("needs_clearance", "is_consultation"))
    inlines = (SegmentInline,)


@admin.register(ScreeningRule)
class ScreeningRuleAdmin(PartAdmin):
    """One medical question, with what a “yes” means and whom it concerns. Reached from its protocol."""

    fields = (
        ("code", "position", "stage"),
        both("question"),
        both("help"),
        ("outcome", "also_review", "delay_days"),
        both("date_question"),
        both("message"),
        ("device", "product", "segment_code"),
        "zones",
        "source",
    )

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> ModelChoiceField | None:
        if db_field.name == "device":
            kwargs["queryset"] = Capability.objects.filter(kind=Kind.DEVICE)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(
        self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any
    ) -> ModelMultipleChoiceField | None:
        return super().formfield_for_manytomany(db_field, request, **kwargs | {"widget": UnfoldAdminCheckboxSelectMultipleWidget})
