from bookings.forms.draft import Draft, DraftForm, HoldForm
from bookings.forms.first import ChangeForm, ChosenForm, MonthForm, WishesForm, dates_query, wishes_query
from bookings.forms.identity import IdentityForm, WhoForm
from bookings.forms.plan import MoveForm, PlanForm, SlotForm, StartsForm, ask_text, asks_of, plan_text
from bookings.forms.questions import QuestionsForm
from bookings.forms.safety import AnswersForm, SafetyForm
from bookings.forms.zones import ZonesForm

__all__ = [
    "AnswersForm",
    "ChangeForm",
    "ChosenForm",
    "Draft",
    "DraftForm",
    "HoldForm",
    "IdentityForm",
    "MonthForm",
    "MoveForm",
    "PlanForm",
    "QuestionsForm",
    "SafetyForm",
    "SlotForm",
    "StartsForm",
    "WhoForm",
    "WishesForm",
    "ZonesForm",
    "ask_text",
    "asks_of",
    "dates_query",
    "plan_text",
    "wishes_query",
]
