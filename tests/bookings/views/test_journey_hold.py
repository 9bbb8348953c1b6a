"""Steps 5 and 6, on dates that are kept: who, the last questions, the confirmation, and every way it can end."""

from datetime import date, timedelta
from urllib.parse import parse_qsl

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from bookings import booking, proposals, screening
from bookings.forms import Draft, dates_query, plan_text
from bookings.models import Appointment, Claim, Clearance, Course, CourseStatus, Patient, ScreeningAnswers
from bookings.screening import UNSURE
from clinic.models import Clinic, User

DETAILS = {"none": "on", "informed": "on"}
PIA = {"first_name": "Pia", "last_name": "Roux", "birth_date": "1985-04-12", "phone": "06 12 34 56 78", "language": "en"}


def draft(house, answers=None, **fields):
    return Draft(house.protocol.pk, ("face",), answers if answers is not None else {}, **fields).seal()


def hold_url(course, name, **query):
    return reverse(f"bookings:hold-{name}", args=[course.uuid], query=query or None)


def book_url(house, name, **query):
    return reverse(f"bookings:book-{name}", args=[house.protocol.treatment.slug], query=query or None)


def fields_of(query):
    return dict(parse_qsl(query))


@pytest.fixture
def keep(house):
    """Keep the course that begins with a consultation on Monday 23 February at noon, as a visitor would."""

    def keep(client, *, answers=None, first="2026-02-23 12:00", **fields):
        proposal = house.propose(first, **{"with_consultation": True, **fields})
        dates = dates_query(proposal.slots, with_consultation=proposal.request.with_consultation)
        response = client.post(book_url(house, "hold"), {"d": draft(house, answers), **fields_of(dates)})
        assert response.status_code == 302, response.content.decode()
        return Course.objects.latest("pk")

    return keep


def confirm(client, house, course, patient, *, answers=None, **data):
    """Confirm the dates as they are, unless `plan` says what was shown."""
    token = draft(house, answers, patient=str(patient.uuid))
    shown = plan_text(proposals.stored_slots(course))
    return client.post(hold_url(course, "confirm"), {"d": token, "plan": shown, **DETAILS, **data})


# Keeping the dates


def test_keeping_holds_every_session_and_leads_on(visitor, house, keep):
    course = keep(visitor)

    assert course.status == CourseStatus.HELD
    assert course.held_until == house.now + timedelta(minutes=15)
    assert course.visitor == visitor.session["visitor"]
    assert len(course.network) == 64
    assert [item.number for item in course.appointments.order_by("position")] == [0, 1, 2, 3, 4, 5, 6, 7, 8]


def test_keeping_twice_keeps_once(visitor, house):
    proposal = house.propose("2026-02-23 12:00", with_consultation=True)
    data = {"d": draft(house), **fields_of(dates_query(proposal.slots, with_consultation=True))}
    responses = [visitor.post(book_url(house, "hold"), data) for _twice in range(2)]

    assert {response.status_code for response in responses} == {302}
    assert Course.objects.count() == 1


def test_going_back_after_keeping_shows_the_dates_as_they_are_and_the_way_on(visitor, house, keep):
    """They are not "taken by someone": the visitor keeps them."""
    course = keep(visitor)
    slots = proposals.stored_slots(course)
    dates = fields_of(dates_query(slots, with_consultation=True))

    page = visitor.get(book_url(house, "course", d=draft(house, {}), **dates))

    assert (page.status_code, page.context["proposal"].slots) == (200, slots)
    assert "You are keeping dates until" in page.content.decode()
    assert visitor.get(page.context["own_hold_url"]).status_code == 200
    assert "You are keeping dates" not in Client().get(book_url(house, "course", d=draft(house, {}), **dates)).content.decode()


def test_other_dates_replace_those_kept(visitor, keep):
    first, second = keep(visitor), keep(visitor, first="2026-02-23 14:00")

    assert Course.objects.get(pk=first.pk).status == CourseStatus.EXPIRED
    assert Course.objects.get(pk=second.pk).status == CourseStatus.HELD


def test_the_tab_whose_dates_were_replaced_is_told_and_offered_them_again(visitor, house, keep):
    first, _second = keep(visitor), keep(visitor, first="2026-02-23 14:00")
    page = visitor.get(hold_url(first, "identity", d=draft(house, {}, dates="first=1-1")))

    assert page.status_code == 410
    assert "have now been released" in page.content.decode()


def test_only_a_post_keeps_gives_more_time_or_gives_back(visitor, house, keep):
    assert visitor.get(book_url(house, "hold", d=draft(house))).url.startswith(book_url(house, "first"))
    course = keep(visitor)
    for name in ["extend", "release"]:
        assert visitor.get(hold_url(course, name, d=draft(house))).url.startswith(hold_url(course, "identity"))

    kept = Course.objects.get()
    assert (kept.status, kept.held_until) == (CourseStatus.HELD, course.held_until)


def test_a_slot_lost_meanwhile_is_said_with_the_nearest_course(visitor, house, client):
    proposal = house.propose("2026-02-23 12:00", with_consultation=True)
    house.hold(proposal)
    data = fields_of(dates_query(proposal.slots, with_consultation=True))

    response = visitor.post(book_url(house, "hold"), {"d": draft(house), **data})

    assert response.status_code == 409
    assert "Someone has just taken one of these dates" in response.content.decode()
    assert Course.objects.count() == 1


def test_another_visitors_hold_is_not_found(visitor, client, keep):
    course = keep(visitor)

    for name in ["identity", "questions", "confirm", "change"]:
        assert client.get(hold_url(course, name)).status_code == 404
    for name in ["extend", "release"]:
        assert client.post(hold_url(course, name)).status_code == 404
    assert Course.objects.get().status == CourseStatus.HELD


# A little more time, and giving back


def test_five_minutes_more_once(visitor, house, keep):
    course = keep(visitor)
    first = visitor.post(hold_url(course, "extend"), {"d": draft(house)})
    second = visitor.post(hold_url(course, "extend"), {"d": draft(house)})

    assert first.status_code == 302
    assert second.status_code == 409
    assert "kept as long as possible" in second.content.decode()
    assert Course.objects.get().held_until == house.now + timedelta(minutes=20)


def test_five_minutes_more_in_place(visitor, house, keep):
    course = keep(visitor)
    response = visitor.post(hold_url(course, "extend"), {"d": draft(house)}, headers={"HX-Request": "true"})

    assert response.status_code == 200
    assert "<html" not in response.content.decode()


def test_giving_back_frees_the_dates_and_leads_to_them(visitor, house, keep):
    course = keep(visitor)
    responses = [visitor.post(hold_url(course, "release"), {"d": draft(house)}) for _twice in range(2)]

    assert [response.url.split("?")[0] for response in responses] == [book_url(house, "first")] * 2
    assert not Claim.objects.exists()
    assert "Your dates are free again" in visitor.get(responses[0].url).content.decode()


def test_a_hold_that_has_ended_says_so_and_offers_the_same_course(visitor, house, keep, monkeypatch):
    course = keep(visitor)
    token = draft(house, dates="first=5900000-1")
    later = house.now + timedelta(minutes=16)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)

    for swept in [False, True]:
        if swept:
            booking.sweep(later)
        response = visitor.get(hold_url(course, "identity", d=token))
        assert response.status_code == 410
        assert "have now been released" in response.content.decode()
        assert "first=5900000-1" in response.content.decode()


def test_a_lost_draft_leads_back_to_the_safety_list_with_the_dates_kept(visitor, house, keep):
    course = keep(visitor)
    back = visitor.get(hold_url(course, "questions"))

    assert back.url.startswith(book_url(house, "safety"))
    assert str(course.uuid) in back.url
    page = visitor.get(back.url)
    onward = visitor.post(back.url.split("?")[0], {"d": page.context["token"], "hold": str(course.uuid), "none": "on"})
    assert onward.url.startswith(hold_url(course, "identity"))
    assert Course.objects.get().status == CourseStatus.HELD


# Who


def test_strangers_are_asked_for_their_address_first(visitor, house, keep):
    course = keep(visitor)
    page = visitor.get(hold_url(course, "identity", d=draft(house)))

    assert page.status_code == 200
    assert 'name="email"' in page.content.decode()
    assert page.context["next"].startswith(hold_url(course, "identity"))


def test_the_page_that_takes_the_code_shows_the_steps_and_until_when_the_dates_are_kept(visitor, house, keep):
    course = keep(visitor)
    following = hold_url(course, "identity", d=draft(house))
    asked = visitor.post("/account/login/", {"email": "new@example.com", "next": following}, follow=True)
    page = asked.content.decode()

    assert 'name="code"' in page
    assert "Steps of your booking" in page
    assert f"Your dates are kept until {course.held_until.astimezone(course.clinic.zone):%H:%M}." in " ".join(page.split())
    assert hold_url(course, "extend") in page


def test_who_merely_logs_in_sees_no_booking(visitor, house, keep):
    course = keep(visitor)
    booking.release(course, now=house.now)
    following = hold_url(course, "identity", d=draft(house))
    ended = visitor.post("/account/login/", {"email": "new@example.com", "next": following}, follow=True).content.decode()
    mine = visitor.post("/account/login/", {"email": "old@example.com", "next": "/courses/"}, follow=True).content.decode()

    assert "Your dates were kept for a while and have now been released." in ended
    assert ("countdown" in ended, "stepper" in ended) == (False, False)
    assert ("countdown" in mine, "stepper" in mine) == (False, False)


def test_one_known_patient_is_not_asked_again(visitor, house, keep, log_in):
    log_in(visitor)
    course = keep(visitor)
    response = visitor.get(hold_url(course, "identity", d=draft(house)))

    assert response.url.startswith(hold_url(course, "questions"))


def test_a_new_log_in_gives_a_name(visitor, house, keep, log_in):
    patient = log_in(visitor)
    Patient.objects.all().delete()
    course = keep(visitor)
    response = visitor.post(hold_url(course, "identity"), {"d": draft(house), **PIA})

    assert response.url.startswith(hold_url(course, "questions"))
    made = Patient.objects.get()
    assert (made.full_name, made.birth_date, made.phone.as_e164, made.user) == (
        "Pia Roux",
        date(1985, 4, 12),
        "+33612345678",
        patient.user,
    )


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("birth_date", "2015-01-01", "The treatments are for adults only"),
        ("birth_date", "1850-01-01", "Please check the birth date"),
        ("birth_date", "2030-01-01", "Please check the birth date"),
        ("birth_date", "soon", "Enter a valid date"),
        ("phone", "12", "phone"),
        ("first_name", "", "required"),
        ("first_name", "x" * 101, "At most 100 characters."),
        ("first_name", "<script>", "as on your identity document"),
        ("last_name", "R2D2", "as on your identity document"),
        ("last_name", "-", "as on your identity document"),
        ("first_name", "\u0958" * 100, "100"),  # each of these letters is two in the one spelling we store
        ("language", "xx", "xx"),
    ],
)
def test_bad_details_are_refused_in_a_sentence(visitor, house, keep, log_in, field, value, sentence):
    log_in(visitor)
    Patient.objects.all().delete()
    course = keep(visitor)
    response = visitor.post(hold_url(course, "identity"), {"d": draft(house), **PIA, field: value})

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Patient.objects.exists()


@pytest.mark.parametrize(
    "name", ["Jean-Éric", "O’Neill", "d'Arc", "Đặng Thị", "Núria-Mar·la", "李", "प्रिया", "'t Hooft", "Smith Jr.", "Ngo (née Roy)"]
)
def test_names_as_they_are_written(visitor, house, keep, log_in, name):
    log_in(visitor)
    Patient.objects.all().delete()
    course = keep(visitor)
    visitor.post(hold_url(course, "identity"), {"d": draft(house), **PIA, "first_name": name})

    assert Patient.objects.get().first_name == name


def test_the_summary_names_each_field_that_is_missing(visitor, house, keep, log_in):
    log_in(visitor)
    Patient.objects.all().delete()
    course = keep(visitor)
    page = visitor.post(hold_url(course, "identity"), {"d": draft(house), **PIA, "first_name": "", "phone": ""}).content.decode()

    assert '<a href="#id_first_name">First name: this field is required</a>' in page
    assert '<a href="#id_phone">Mobile phone: this field is required</a>' in page


def test_several_known_patients_are_asked_which(visitor, house, keep, log_in):
    log_in(visitor)
    log_in(visitor, first_name="Zoe")
    course = keep(visitor)
    page = visitor.get(hold_url(course, "identity", d=draft(house)))

    assert "Pia Roux" in page.content.decode()
    assert "Zoe Roux" in page.content.decode()
    zoe = Patient.objects.get(first_name="Zoe")
    chosen = visitor.post(hold_url(course, "identity"), {"d": draft(house), "patient": str(zoe.uuid)})
    assert "Zoe Roux" in visitor.get(chosen.url).content.decode()


def test_a_patient_behind_another_log_in_cannot_be_chosen(visitor, client, house, keep, log_in):
    stranger = log_in(client, email="other@example.com", first_name="Ines")
    log_in(visitor)
    course = keep(visitor)

    response = visitor.get(hold_url(course, "questions", d=draft(house, patient=str(stranger.uuid))))
    assert response.url.startswith(hold_url(course, "identity"))
    assert confirm(visitor, house, course, stranger).url.startswith(hold_url(course, "questions"))
    assert Course.objects.get().status == CourseStatus.HELD


# Confirming


def test_confirming_books_the_whole_course_once(visitor, house, keep, log_in, django_capture_on_commit_callbacks):
    patient = log_in(visitor)
    course = keep(visitor)
    with django_capture_on_commit_callbacks(execute=True):
        responses = [confirm(visitor, house, course, patient) for _twice in range(2)]

    assert [response.url for response in responses] == [reverse("bookings:course-done", args=[course.uuid])] * 2
    booked = Course.objects.get()
    assert (booked.status, booked.patient, booked.informed_at) == (CourseStatus.BOOKED, patient, house.now)
    assert len(mail.outbox) == 1
    assert visitor.get(responses[0].url).status_code == 200


def test_what_another_window_has_exchanged_is_shown_before_it_is_confirmed(visitor, house, keep, log_in):
    """The summary of the first window is no longer what is kept: nobody confirms dates they have not seen."""
    patient = log_in(visitor)
    course = keep(visitor)
    token = draft(house, {}, patient=str(patient.uuid))
    shown = visitor.get(hold_url(course, "questions", d=token))
    page = visitor.get(hold_url(course, "change", d=token, position=1))
    offer = page.context["alternatives"][-1][1][0]["offer"]
    visitor.post(hold_url(course, "change"), {"d": token, "position": 1, "slot": proposals.slot_text(offer.slot)})

    for not_these in (shown.context["plan"], "1:x", ""):
        refused = confirm(visitor, house, course, patient, plan=not_these)
        assert refused.status_code == 409
        assert "The dates have changed since they were shown." in refused.content.decode()
        assert Course.objects.get().status == CourseStatus.HELD
    assert confirm(visitor, house, course, patient, plan=refused.context["plan"]).status_code == 302
    assert confirm(visitor, house, course, patient, plan="").status_code == 302  # a reload of what is booked by now


def test_who_is_in_the_middle_of_a_course_is_told_at_the_first_step(visitor, house, keep, log_in):
    patient = log_in(visitor)
    course = keep(visitor)
    confirm(visitor, house, course, patient)

    page = visitor.get(reverse("bookings:book-zones", args=[house.protocol.treatment.slug])).content.decode()

    assert f"{patient.first_name} is already in the middle of a course of this treatment." in page
    assert reverse("bookings:course-detail", args=[course.uuid]) in page


def test_answers_are_stored_sealed_and_only_now(visitor, house, keep, log_in):
    patient = log_in(visitor)
    course = keep(visitor, answers={"anticoagulant": UNSURE})
    assert not ScreeningAnswers.objects.exists()
    confirm(
        visitor,
        house,
        course,
        patient,
        answers={"anticoagulant": UNSURE},
        **{"none": "", "q-peel": "on", "q-peel-day": "2025-06-01"},
    )

    row = ScreeningAnswers.objects.get()
    assert screening.unpack(screening.unseal(bytes(row.sealed).decode(), None)) == {
        "anticoagulant": UNSURE,
        "peel": date(2025, 6, 1),
    }
    assert not any("anticoagulant" in str(entry.details) for entry in course.journal.all())


def test_an_answer_withdrawn_at_the_last_step_is_not_stored(visitor, house, keep, log_in):
    """The page came back with a tick; the second time it is sent without."""
    patient = log_in(visitor)
    course = keep(visitor)
    confirm(visitor, house, course, patient, answers={"anticoagulant": None, "peel": date(2025, 6, 1)})

    row = ScreeningAnswers.objects.get()
    assert screening.unpack(screening.unseal(bytes(row.sealed).decode(), None)) == {"anticoagulant": None}


def test_a_review_keeps_the_dates_and_says_who_decides(visitor, house, keep, log_in):
    patient = log_in(visitor)
    course = keep(visitor, answers={"anticoagulant": None})
    confirm(visitor, house, course, patient, answers={"anticoagulant": None})

    booked = Course.objects.get()
    assert (booked.status, booked.clearance) == (CourseStatus.BOOKED, Clearance.TO_REVIEW)
    page = visitor.get(reverse("bookings:course-done", args=[course.uuid])).content.decode()
    assert "subject to the physician" in page


def test_a_block_at_the_end_gives_the_dates_back_and_stores_nothing(visitor, house, keep, log_in):
    patient = log_in(visitor)
    course = keep(visitor)
    response = confirm(visitor, house, course, patient, **{"none": "", "q-keloid": "on"})

    assert response.status_code == 409
    assert "A physician can see you." in response.content.decode()
    again = visitor.get(response.context["again"])
    assert again.status_code == 200
    assert not again.context["form"].is_bound
    assert not Claim.objects.exists()
    assert not ScreeningAnswers.objects.exists()
    assert Course.objects.get().status == CourseStatus.EXPIRED


def test_an_answer_that_makes_the_first_session_too_early_offers_later_dates(visitor, house, keep, log_in):
    patient = log_in(visitor)
    course = keep(visitor)
    response = confirm(visitor, house, course, patient, **{"none": "", "q-peel": "on"})

    assert response.status_code == 409
    assert "No treatment can take place before" in response.content.decode()
    assert Course.objects.get().status == CourseStatus.HELD
    again = visitor.get(response.context["again"])
    assert again.context["decision"].earliest == date(2026, 5, 24)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"informed": ""}, "Please read the information"),
        ({"none": ""}, "or say that none of these does"),
        ({"q-keloid": "on"}, "also said that none applies"),
    ],
)
def test_what_is_missing_is_asked_again(visitor, house, keep, log_in, data, sentence):
    patient = log_in(visitor)
    course = keep(visitor)
    response = confirm(visitor, house, course, patient, **data)

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert Course.objects.get().status == CourseStatus.HELD


def test_a_hold_that_ends_before_the_last_click_books_nothing(visitor, house, keep, log_in, monkeypatch):
    patient = log_in(visitor)
    course = keep(visitor)
    monkeypatch.setattr("django.utils.timezone.now", lambda: house.now + timedelta(minutes=16))
    response = confirm(visitor, house, course, patient)

    assert response.status_code == 410
    assert not Course.objects.filter(status=CourseStatus.BOOKED).exists()


def test_who_needs_a_consultation_cannot_leave_it_out(visitor, house, keep, log_in):
    patient = log_in(visitor)
    course = keep(visitor, first="2026-03-02 10:00", with_consultation=False)
    response = confirm(visitor, house, course, patient)

    assert response.status_code == 409
    assert "begins with a consultation" in response.content.decode()


def test_a_family_in_which_one_is_cleared_can_book_for_the_other(visitor, house, keep, log_in):
    mother, daughter = log_in(visitor), log_in(visitor, first_name="Zoe")
    house.book(mother, house.propose("2026-02-23 12:00", with_consultation=True))
    physician = User.objects.create_user("dr@example.com")
    Course.objects.update(status="completed", clearance="cleared", review_due=None, cleared_at=house.now, cleared_by=physician)
    course = keep(visitor, first="2026-03-02 10:00", with_consultation=False)

    for patient, begins_with_consultation in [(mother, False), (daughter, True)]:
        page = visitor.get(hold_url(course, "questions", d=draft(house, patient=str(patient.uuid))))
        assert page.context["to_be_seen"] is begins_with_consultation
        again = visitor.get(page.context["ending"].choose_again_url())
        assert again.context["with_consultation"] is begins_with_consultation
    assert confirm(visitor, house, course, daughter).status_code == 409
    assert confirm(visitor, house, course, mother).status_code == 302


def test_a_second_course_of_the_same_treatment_is_refused(visitor, house, keep, log_in):
    patient = log_in(visitor)
    confirm(visitor, house, keep(visitor), patient)
    course = keep(visitor, first="2026-03-09 10:00")
    response = confirm(visitor, house, course, patient)

    assert response.status_code == 409
    assert "already have a course" in response.content.decode()


# Another date inside the hold


def test_a_session_kept_can_be_exchanged(visitor, house, keep, log_in):
    patient = log_in(visitor)
    course = keep(visitor)
    token = draft(house, patient=str(patient.uuid))
    page = visitor.get(hold_url(course, "change", d=token, position=1))
    alternative = page.context["alternatives"][-1][1][0]["offer"]
    slot = f"{alternative.slot.start}-{alternative.slot.lead}"

    response = visitor.post(hold_url(course, "change"), {"d": token, "position": 1, "slot": slot})

    assert response.url.startswith(hold_url(course, "questions"))
    moved = Appointment.objects.get(course=course, position=1)
    assert moved.during.lower == alternative.starts
    summary = " ".join(visitor.get(response.url).content.decode().split())
    late = (moved.starts.date() - moved.target).days
    assert late > 1
    assert f"{late} days after the ideal day" in summary


def test_a_kept_date_that_is_too_near_by_now_does_not_keep_the_others_from_being_exchanged(visitor, house, keep, log_in):
    patient = log_in(visitor)
    course = keep(visitor, first="2026-02-23 12:00")
    Clinic.objects.update(booking_notice_minutes=6 * 60)
    token = draft(house, patient=str(patient.uuid))
    page = visitor.get(hold_url(course, "change", d=token, position=1))
    alternative = page.context["alternatives"][0][1][0]["offer"]
    visitor.post(
        hold_url(course, "change"), {"d": token, "position": 1, "slot": f"{alternative.slot.start}-{alternative.slot.lead}"}
    )

    assert Appointment.objects.get(course=course, position=1).during.lower == alternative.starts
    assert Appointment.objects.get(course=course, position=0).during.lower == house.at("2026-02-23 12:00")


@pytest.mark.parametrize(
    "data", [{"position": "x"}, {"position": "1", "slot": "garbage"}, {"position": "77", "slot": "5910000-1"}, {}]
)
def test_garbage_changes_are_4xx_and_change_nothing(visitor, house, keep, data):
    course = keep(visitor)
    before = list(Appointment.objects.order_by("position").values_list("during", flat=True))
    response = visitor.post(hold_url(course, "change"), {"d": draft(house), **data})

    assert 400 <= response.status_code < 500
    assert list(Appointment.objects.order_by("position").values_list("during", flat=True)) == before


# Without a hold


@pytest.fixture
def crowded(monkeypatch):
    monkeypatch.setattr(booking, "HOLDS_PER_NETWORK", 0)


def test_where_too_many_dates_are_kept_one_books_without(visitor, house, log_in, crowded):
    patient = log_in(visitor)
    proposal = house.propose("2026-02-23 12:00", with_consultation=True)
    data = fields_of(dates_query(proposal.slots, with_consultation=True))

    onward = visitor.post(book_url(house, "hold"), {"d": draft(house), **data})
    assert onward.url.startswith(book_url(house, "identity"))
    assert not Course.objects.exists()
    page = visitor.get(visitor.get(onward.url).url)
    assert "not kept yet" in page.content.decode()

    done = [visitor.post(page.context["confirm_url"], {"d": page.context["token"], **DETAILS}) for _twice in range(2)]
    course = Course.objects.get()
    assert [response.url for response in done] == [reverse("bookings:course-done", args=[course.uuid])] * 2
    assert (course.status, course.patient) == (CourseStatus.BOOKED, patient)


def test_without_dates_one_is_led_to_them(visitor, house, log_in):
    log_in(visitor)

    assert visitor.get(book_url(house, "questions", d=draft(house, dates="first=garbage"))).url.startswith(
        book_url(house, "first")
    )


# Everywhere


def test_personal_pages_are_never_cached_nor_listed(visitor, house, keep):
    course = keep(visitor)
    for address in [
        book_url(house, "zones"),
        book_url(house, "safety", d=draft(house)),
        hold_url(course, "identity", d=draft(house)),
    ]:
        response = visitor.get(address)
        assert "no-store" in response["Cache-Control"]
        assert response["X-Robots-Tag"] == "noindex"
