"""Sentences of the admin's theme that it leaves in English; listed here, they find their French in our own catalogue."""

from django.utils.translation import gettext_noop as _

WORDS = (
    # Lists: searching, filtering, choosing what to do with rows
    _("Type to search"),
    _("Filters"),
    _("Apply Filters"),
    _("Reset filters"),
    _("No results found"),
    _("This page yielded into no results. Create a new item or reset your filters."),
    _("Select action"),
    _("Select action to run"),
    _("Select all rows"),
    _("Select record"),
    _("Run"),
    _("More actions"),
    _("Expand row"),
    _("No data"),
    # Forms
    _("General"),
    _("Select value"),
    _("True"),
    _("False"),
    _("Go back"),
    _("This item will be deleted."),
    _("Click to cancel"),
    _("Choose file to upload"),
    _("Toggle password visibility"),
    # The frame: menu, search, way out
    _("All applications"),
    _("Search apps and models..."),
    _("Loading more results..."),
    _("No results matching your query"),
    _("Recent searches"),
    _("No recent searches"),
    _("Return to site"),
    _("You have been successfully logged out from the administration"),
)
