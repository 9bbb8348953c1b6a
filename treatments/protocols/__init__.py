"""Protocols: from phases to sessions, minutes and prices; checking, publishing and archiving a version.

`expand` turns the phases of a protocol into the sessions a course is planned from. `problems` says all that stands
in the way of publishing; `publish` freezes a version for good. Words and reasons: `docs/rules/catalogue.md`.
"""

from treatments.protocols.checking import Problem, problems
from treatments.protocols.expansion import ExpandedSession, expand, has_consultation, is_one_visit, target_day, without
from treatments.protocols.measures import (
    Prices,
    consultation_price,
    course_price,
    hands_on_minutes,
    patient_minutes,
    prices,
    segment_minutes,
    session_price,
    treatment_visit,
    visit_minutes,
    visit_price,
)
from treatments.protocols.publishing import (
    NotADraft,
    NotPublished,
    ProtocolRefusal,
    Unpublishable,
    archive,
    booked_online,
    new_draft,
    publish,
)

__all__ = [
    "ExpandedSession",
    "NotADraft",
    "NotPublished",
    "Prices",
    "Problem",
    "ProtocolRefusal",
    "Unpublishable",
    "archive",
    "booked_online",
    "consultation_price",
    "course_price",
    "expand",
    "hands_on_minutes",
    "has_consultation",
    "is_one_visit",
    "new_draft",
    "patient_minutes",
    "prices",
    "problems",
    "publish",
    "segment_minutes",
    "session_price",
    "target_day",
    "treatment_visit",
    "visit_minutes",
    "visit_price",
    "without",
]
