"""Steps 1 to 4: zones, safety, first visit, dates. Nothing is kept before "keep these dates"."""

import re
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings import proposals
from bookings.forms import Draft
from bookings.models import Absence, Course, ScreeningAnswers
from bookings.screening import UNSURE
from clinic.models import Clinic, Practitioner, Resource, User
from tests.factories.clinic import make_closure
from tests.factories.treatments import force_publish, make_protocol
from treatments.catalogue.entries import PhaseEntry
from treatments.catalogue.words import Text

HTMX = {"HX-Request": "true"}


def url(house, name, **query):
    return reverse(f"bookings:{name}", args=[house.protocol.treatment.slug], query=query or None)


def draft(house, answers=None, zones=("face",)):
    return Draft(house.protocol.pk, zones, answers).seal()


def drafted(response):
    """The draft in the address a response leads to."""
    return Draft.unseal(re.search(r"[?&]d=([^&]+)", response.url)[1].replace("%3D", "="))


def test_hours_are_those_of_the_clinics_clock_wherever_it_is(visitor, house):
    Clinic.objects.update(timezone="Indian/Reunion")  # three hours before Paris in winter
    page = visitor.get(url(house, "book-first", d=draft(house, {})))

    first = min(suggestion["offer"].starts for suggestion in page.context["suggestions"])
    assert f"{first.astimezone(ZoneInfo('Indian/Reunion')):%H:%M}" in page.content.decode()
    assert f"{first.astimezone(ZoneInfo('Europe/Paris')):%H:%M}" not in page.content.decode()


# 1 zones


def test_zones_show_minutes_and_price(visitor, house):
    page = visitor.get(url(house, "book-zones")).content.decode()

    assert "+20 min · €250" in page


def test_an_hour_and_more_is_written_in_hours(visitor, house):
    bar = visitor.post(url(house, "book-zones"), {"zones": ["face"]}, headers=HTMX).content.decode()

    assert "2 h 05 · €250 a session" in bar


def test_zones_go_on_sealed(visitor, house):
    response = visitor.post(url(house, "book-zones"), {"zones": ["face", "neck"]})

    assert response.url.startswith(url(house, "book-safety"))
    assert "face" not in response.url
    assert drafted(response) == Draft(house.protocol.pk, ("face", "neck"))


@pytest.mark.parametrize(("zones", "sentence"), [([], "Choose at least one zone."), (["moon"], "moon")])
def test_bad_zones_are_refused_in_a_sentence(visitor, house, zones, sentence):
    response = visitor.post(url(house, "book-zones"), {"zones": zones})

    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_too_many_zones_are_refused(visitor, house):
    house.protocol = make_protocol(max_zones=1, published=True)
    response = visitor.post(url(house, "book-zones"), {"zones": ["face", "neck"]})

    assert response.status_code == 422
    assert "One visit can treat 1 zones at most" in response.content.decode()


def test_ticking_zones_adds_them_up(visitor, house):
    page = visitor.post(url(house, "book-zones"), {"zones": ["face", "neck"]}, headers=HTMX).content.decode()

    assert "€400 a session" in page
    assert "<html" not in page


def test_an_unknown_treatment_is_not_found(visitor, house):
    assert visitor.get("/book/unknown/").status_code == 404


def test_one_zone_is_not_asked_for(visitor, house):
    house.protocol = make_protocol(zones=[("hair", 20, 280)], published=True)
    response = visitor.get(url(house, "book-zones"))

    assert drafted(response).zones == ("hair",)


# 2 safety


def test_none_leads_to_the_dates(visitor, house):
    response = visitor.post(url(house, "book-safety"), {"d": draft(house), "none": "on"})

    assert response.url.startswith(url(house, "book-first"))
    assert drafted(response).answers == {}


def test_a_doubt_goes_on(visitor, house):
    response = visitor.post(url(house, "book-safety"), {"d": draft(house), "q-pregnancy": "on", "q-pregnancy-unsure": "on"})

    assert drafted(response).answers == {"pregnancy": UNSURE}


def test_a_block_says_why_and_what_is_possible_instead(visitor, house):
    sent_on = visitor.post(url(house, "book-safety"), {"d": draft(house), "q-pregnancy": "on"})
    assert sent_on.status_code == 302  # so that going back to it asks nobody to send the answers again

    response = visitor.get(sent_on.url)
    assert response.status_code == 409
    page = response.content.decode()
    assert "A physician can see you." in page
    assert reverse("bookings:question-create") in page
    assert not ScreeningAnswers.objects.exists()


def test_a_tick_shows_the_earliest_date_at_once(visitor, house):
    page = visitor.post(url(house, "book-safety"), {"d": draft(house), "q-sunburn": "on"}, headers=HTMX).content.decode()

    assert "Wednesday 25 March 2026" in page
    assert "<html" not in page


def test_a_tick_shows_the_block_at_once(visitor, house):
    response = visitor.post(url(house, "book-safety"), {"d": draft(house), "q-pregnancy": "on"}, headers=HTMX)

    assert "cannot be booked online" in response.content.decode()


def test_saying_nothing_is_refused_in_a_sentence(visitor, house):
    response = visitor.post(url(house, "book-safety"), {"d": draft(house)})

    assert response.status_code == 422
    assert "or say that none of these does" in response.content.decode()


@pytest.mark.parametrize("name", ["book-safety", "book-first", "book-course"])
@pytest.mark.parametrize("token", ["", "garbage", "x" * 7000])
def test_without_a_readable_draft_we_are_back_at_the_zones(visitor, house, name, token):
    response = visitor.get(url(house, name, d=token))

    assert response.url == url(house, "book-zones") + "?lost=1"


def test_a_draft_of_another_protocol_is_of_no_use(visitor, house):
    response = visitor.get(url(house, "book-first", d=Draft(house.protocol.pk + 1, ("face",), {}).seal()))

    assert response.url == url(house, "book-zones") + "?lost=1"


@pytest.mark.parametrize("name", ["book-first", "book-course"])
def test_dates_come_after_the_safety_list(visitor, house, name):
    response = visitor.get(url(house, name, d=draft(house)))

    assert response.url.startswith(url(house, "book-safety"))


# 3 first visit


def test_an_answer_that_delays_opens_the_calendar_where_a_course_can_begin(visitor, house):
    page = visitor.get(url(house, "book-first", d=draft(house, {"sunburn": date(2026, 12, 1)})))

    assert page.context["decision"].earliest == date(2026, 12, 31)
    assert page.context["suggestions"]
    first = page.context["suggestions"][0]["offer"].starts.date()
    assert page.context["month"].first == first.replace(day=1) > date(2026, 9, 1)


def test_other_filters_bring_other_suggestions(visitor, house):
    address = url(house, "book-first", d=draft(house, {}), weekdays="4", part="afternoon")
    for page in (visitor.get(address), visitor.get(address, headers=HTMX)):
        starts = [suggestion["offer"].starts for suggestion in page.context["suggestions"]]
        assert starts
        assert {start.isoweekday() for start in starts} == {4}
        assert min(start.hour for start in starts) >= 12
        assert 'id="suggestion-box"' in page.content.decode()
    assert "hx-swap-oob" in page.content.decode()


def test_the_first_visit_offers_suggestions_and_a_month(visitor, house):
    response = visitor.get(url(house, "book-first", d=draft(house, {})))

    assert response.status_code == 200
    assert response.context["suggestions"][0]["key"] == "earliest"
    assert response.context["month"].first == date(2026, 2, 1)
    assert response.context["with_consultation"] is True


def test_filters_choose_days_and_hours(visitor, house):
    response = visitor.get(url(house, "book-first", d=draft(house, {}), weekdays=4, part="evening", month="2026-03"))
    offers = [offer for _name, offers in response.context["month"].parts for offer in offers]

    assert {(offer.starts.isoweekday(), offer.starts.hour >= 17) for offer in offers} == {(4, True)}


def test_earliest_answers_move_the_sessions_not_the_consultation(visitor, house):
    response = visitor.get(url(house, "book-first", d=draft(house, {"sunburn": None})))

    assert response.context["decision"].earliest == date(2026, 3, 25)
    assert response.context["suggestions"][0]["offer"].starts.date() < date(2026, 3, 25)


@pytest.mark.parametrize(
    "query",
    [
        {"month": "soon"},
        {"day": "2026-02-30"},
        {"part": "night"},
        {"weekdays": "9"},
        {"practitioner": "me"},
        {"practitioner": "0"},
    ],
)
def test_garbage_filters_are_4xx_with_a_sentence(visitor, house, query):
    response = visitor.get(url(house, "book-first", d=draft(house, {}), **query))

    assert response.status_code == 422


@pytest.mark.parametrize("month", ["1900-01", "9999-12"])
def test_a_month_out_of_reach_is_harmless(visitor, house, month):
    assert visitor.get(url(house, "book-first", d=draft(house, {}), month=month)).status_code == 200


def test_a_patient_cleared_this_year_begins_with_the_first_session(visitor, house, log_in):
    patient = log_in(visitor)
    cleared = house.book(patient, house.propose("2026-02-23 12:00", with_consultation=True))
    Course.objects.filter(pk=cleared.pk).update(
        status="completed",
        clearance="cleared",
        review_due=None,
        cleared_at=house.now,
        cleared_by=User.objects.create_user("dr@example.com"),
    )
    response = visitor.get(url(house, "book-first", d=draft(house, {})))

    assert response.context["with_consultation"] is False
    assert "consultation=on" not in response.context["suggestions"][0]["dates"]
    assert "Choose your first session" in response.content.decode()


def test_the_consultation_by_itself_is_one_visit(visitor, house):
    only = PhaseEntry(visit="consultation", name=Text("Consultation", "Consultation"))
    house.protocol = make_protocol(zones=[], phases=[only])
    house.protocol.visits.get(code="session").delete()
    force_publish(house.protocol)
    safety = visitor.get(url(house, "book-zones"))
    first = visitor.get(visitor.get(safety.url).url)

    assert "Choose a day and a time that suit you" in first.content.decode()
    assert "Always" not in first.content.decode()
    assert [step["label"] for step in first.context["steps"]] == [
        "Your safety",
        "Day and time",
        "Your appointment",
        "You",
        "Confirm",
    ]
    course = visitor.get(f"{url(house, 'book-course')}?d={first.context['token']}&{first.context['suggestions'][0]['dates']}")
    assert len(course.context["proposal"].sessions) == 1
    assert "subject to the physician" not in course.content.decode()
    assert "We keep this date for 15 minutes" in course.content.decode()
    assert "these dates" not in course.content.decode()


def test_going_back_in_the_history_gives_the_whole_page(visitor, house):
    response = visitor.get(url(house, "book-first", d=draft(house, {})), headers={**HTMX, "HX-History-Restore-Request": "true"})

    assert "<html" in response.content.decode()


# 4 the whole course


def first_slot(house, **fields):
    request = house.request(**{"with_consultation": True, **fields})
    return proposals.slot_text(proposals.first_free(request, now=house.now).slot)


def course_url(house, *, answers=None, **query):
    return url(house, "book-course", d=draft(house, answers or {}), **{"first": first_slot(house), "consultation": "on", **query})


def test_the_course_shows_every_session(visitor, house):
    response = visitor.get(course_url(house))
    sessions = response.context["proposal"].sessions

    assert response.status_code == 200
    assert [session.number for session in sessions] == [0, 1, 2, 3, 4, 5, 6, 7, 8]
    assert "subject to the physician" in response.content.decode()


def test_where_answers_rule_out_the_ideal_day_it_is_not_spoken_of(visitor, house):
    """The skin is sunburnt: the ideal day, soon after the consultation, lies before the sessions may begin."""
    page = visitor.get(course_url(house, answers={"sunburn": house.now.date()}))
    session = page.context["proposal"].sessions[1]
    text = " ".join(page.content.decode().split())

    assert session.target < page.context["decision"].earliest == session.starts.date()
    assert "Because of your answers, sessions begin on Wednesday 25 March 2026 at the earliest." in text
    assert "on the first day allowed" in text.split('id="session-1"')[1].split('id="session-2"')[0]
    assert "the ideal day" not in text.split('id="session-1"')[1].split('id="session-2"')[0]


def test_a_date_off_its_ideal_day_says_which_day_that_is_and_why(visitor, house):
    """Session 2 would be on Wednesday 25 March: first the clinic is closed then, or nobody is free, or nothing is wrong with it."""
    at_first = visitor.get(course_url(house)).context["proposal"].sessions
    ideal, other = at_first[2].target, at_first[2].target + timedelta(days=1)
    assert at_first[2].starts.date() == ideal
    pinned = {"s1": proposals.slot_text(at_first[1].slot), "s2": proposals.slot_text(house.slot(f"{other} 12:00"))}

    def said():
        page = visitor.get(course_url(house, **pinned))
        return " ".join(page.content.decode().split('id="session-2"')[1].split('id="session-3"')[0].split())

    assert f"1 day after the ideal day, {ideal:%-d %B} (this date is kept, though a time is free then as well)" in said()
    Absence.objects.bulk_create(
        Absence(resource=person, during=(house.at(f"{ideal} 00:00"), house.at(f"{other} 00:00")))
        for person in Resource.objects.filter(kind="person")
    )
    assert "(no time is free then)" in said()
    make_closure(house.clinic, house.at(f"{ideal} 00:00"), house.at(f"{other} 00:00"))
    assert "(the clinic is closed then)" in said()


def test_a_first_visit_that_has_come_too_near_is_said_to_have(visitor, house, monkeypatch):
    near = house.at("2026-02-23 11:00")
    monkeypatch.setattr(timezone, "now", lambda: near)

    response = visitor.get(course_url(house, first=proposals.slot_text(house.slot("2026-02-23 11:15"))))

    text = " ".join(response.content.decode().split())
    assert response.status_code == 409
    assert "It is too late by now to book this time" in text
    assert f"These dates now begin on {response.context['proposal'].sessions[0].starts:%A %-d %B %Y, %H:%M}." in text


def test_looking_keeps_nothing(visitor, house):
    visitor.get(course_url(house))

    assert not Course.objects.exists()
    assert "sessionid" not in visitor.cookies


def test_another_time_for_one_session_keeps_the_others(visitor, house):
    page = visitor.get(course_url(house, change=2))
    before = page.context["proposal"].slots
    alternative = next(item for _day, items in page.context["alternatives"] for item in items if not item["moved"])
    after = visitor.get(f"{url(house, 'book-course')}?d={draft(house, {})}&{alternative['dates']}").context["proposal"].slots

    assert {position for position in before if before[position] != after[position]} == {2}


@pytest.mark.parametrize(
    "query",
    [
        {"first": ""},
        {"first": "garbage"},
        {"first": "1-2-3"},
        {"first": "99999999999-1"},
        {"s2": "garbage"},
        {"change": "x"},
        {"change": "-1"},
        {"practitioner": "x"},
    ],
)
def test_garbage_dates_are_4xx_with_a_way_on(visitor, house, query):
    response = visitor.get(course_url(house, **query))

    assert response.status_code == 422
    assert url(house, "book-first") in response.content.decode()


@pytest.mark.parametrize("first", ["1-1", "5900000-999999", "5910000-1"])
def test_dates_that_cannot_be_are_4xx_with_a_sentence(visitor, house, first):
    response = visitor.get(course_url(house, first=first))

    assert 400 <= response.status_code < 500
    assert not Course.objects.exists()


def test_a_lost_first_visit_leads_to_the_nearest_course(visitor, house):
    lost = house.slot("2026-02-23 12:00")
    house.hold(house.propose("2026-02-23 12:00", with_consultation=True))

    response = visitor.get(course_url(house, first=proposals.slot_text(lost)))

    assert response.status_code == 409
    assert "Someone has just taken one of these dates" in response.content.decode()
    nearest = response.context["proposal"].slots[0]
    assert nearest.day == lost.day
    assert nearest != lost


# When nothing begins as wished


def test_where_nothing_begins_as_wished_the_nearest_starts_are_computed(visitor, house):
    """Dr Ada is away all March: her colleague is there, and she herself in April. Each link leads to a day that has it."""
    ada = house.resources["Dr Ada"]
    for name, resource in house.resources.items():
        if name.startswith("Dr"):
            Practitioner.objects.create(resource=resource, title="Dr", profession="Physician", order_number="10101234567")
    Absence.objects.create(resource=ada, during=(house.at("2026-02-23 00:00"), house.at("2026-04-01 00:00")))
    page = visitor.get(url(house, "book-first", d=draft(house, {}), practitioner=ada.pk, month="2026-03"))

    assert [item.dropped for item in page.context["relaxations"]] == ["practitioner", "later"]
    colleague, later = page.context["relaxations"]
    assert colleague.offer.practitioner != ada
    assert (colleague.offer.starts.month, later.offer.starts.month, later.offer.practitioner) == (3, 4, ada)
    text = page.content.decode()
    assert "with another practitioner:" in text
    for href in re.findall(r'href="(\?d=[^"]+|[^"]+book/[^"]+day=[^"]+)"', text.split("There is:")[1].split("</ul>")[0]):
        shown = visitor.get(href.replace("&amp;", "&"))
        assert shown.context["month"].chosen in (colleague.offer.starts.date(), later.offer.starts.date())
        assert shown.context["month"].parts


def test_where_nothing_begins_at_all_the_phone_is_named(visitor, house):
    make_closure(house.clinic, house.at("2026-02-23 00:00"), house.at("2028-12-31 00:00"))

    text = visitor.get(url(house, "book-first", d=draft(house, {}))).content.decode()

    assert "nor in the months after it. Call us" in " ".join(text.split())


def test_the_first_visits_say_how_long_before_the_sessions_the_consultation_may_be(visitor, house):
    answers = {"sunburn": date(2026, 2, 20)}
    page = visitor.get(url(house, "book-first"), {"d": draft(house, answers=answers)})
    text = " ".join(page.content.decode().split())

    assert "sessions begin on Sunday 22 March 2026 at the earliest. The consultation comes before them, at most 60 days." in text


@pytest.mark.parametrize("step", ["book-first", "book-course"])
def test_answers_that_block_lead_to_no_dates(visitor, house, step):
    response = visitor.get(url(house, step), {"d": draft(house, answers={"pregnancy": None})}, follow=True)

    assert response.status_code == 409
    assert "A physician can see you." in response.content.decode()
    again = visitor.get(response.context["again"])
    assert (again.status_code, again.context["decision"].blocked) == (200, ())
