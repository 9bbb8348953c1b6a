"""Every page for patients and for the team, by prefix.

The pages about treatments stand here, not in `treatments`, because each shows dates: only `bookings` knows the agenda.
They keep names of their own: `home` and `treatments:…`.
"""

from django.urls import URLPattern, include, path
from django.views.generic import RedirectView

from bookings.views import answering, courses, dates, hold, journey, moving, profile, questions, treatments, unheld
from bookings.views.staff import asking, away, changes, course, day, patients, proposing, review, tasks, week
from bookings.views.staff import questions as staff_questions

# / and /treatments/: what is offered, and the first date it is free
treatment_urls = [
    path("", treatments.treatment_list, name="treatment-list"),
    path("<slug:slug>/", treatments.treatment_detail, name="treatment-detail"),
]

# /book/<treatment>/: from the zones to the dates; nothing is kept
book_urls = [
    path("book/<slug:slug>/", journey.book_zones, name="book-zones"),
    path("book/<slug:slug>/safety/", journey.book_safety, name="book-safety"),
    path("book/<slug:slug>/first-visit/", dates.book_first, name="book-first"),
    path("book/<slug:slug>/dates/", dates.book_course, name="book-course"),
    path("book/<slug:slug>/keep/", dates.book_hold, name="book-hold"),
    path("book/<slug:slug>/you/", unheld.book_identity, name="book-identity"),
    path("book/<slug:slug>/questions/", unheld.book_questions, name="book-questions"),
    path("book/<slug:slug>/confirm/", unheld.book_confirm, name="book-confirm"),
]

# /hold/<course>/: the dates are kept for a while
hold_urls = [
    path("hold/<uuid:uuid>/you/", hold.hold_identity, name="hold-identity"),
    path("hold/<uuid:uuid>/questions/", hold.hold_questions, name="hold-questions"),
    path("hold/<uuid:uuid>/change/", hold.hold_change, name="hold-change"),
    path("hold/<uuid:uuid>/confirm/", hold.hold_confirm, name="hold-confirm"),
    path("hold/<uuid:uuid>/extend/", hold.hold_extend, name="hold-extend"),
    path("hold/<uuid:uuid>/release/", hold.hold_release, name="hold-release"),
]

# /courses/: what is booked
course_urls = [
    path("courses/", courses.course_list, name="course-list"),
    path("courses/<uuid:uuid>/", courses.course_detail, name="course-detail"),
    path("courses/<uuid:uuid>/calendar.ics", courses.course_calendar, name="course-calendar"),
    path("courses/<uuid:uuid>/cancel/", courses.course_cancel, name="course-cancel"),
    path("courses/<uuid:uuid>/move/<int:position>/", moving.course_move, name="course-move"),
    path("courses/<uuid:uuid>/leave-out/<int:position>/", moving.course_leave_out, name="course-leave-out"),
    path("courses/<uuid:uuid>/cannot-come/<int:position>/", moving.course_cannot_come, name="course-cannot-come"),
    path("courses/<uuid:uuid>/offers/<uuid:offer>/accept/", answering.course_offer_accept, name="course-offer-accept"),
    path("courses/<uuid:uuid>/offers/<uuid:offer>/call/", answering.course_offer_call, name="course-offer-call"),
    path("courses/<uuid:uuid>/confirm/<int:position>/", answering.course_session_confirm, name="course-session-confirm"),
    path("courses/<uuid:uuid>/call/<int:position>/", answering.course_session_call, name="course-session-call"),
    path("courses/<uuid:uuid>/done/", courses.course_done, name="course-done"),
]

# /my-details/: who the log-in speaks for
patient_urls = [
    path("my-details/find/", profile.patient_find, name="patient-find"),
    path("my-details/<uuid:uuid>/", profile.patient_edit, name="patient-edit"),
]

# /write-to-us/: for everybody
question_urls = [
    path("write-to-us/", questions.question_create, name="question-create"),
    path("write-to-us/sent/", questions.question_sent, name="question-sent"),
]

# /staff/: the clinic's team
staff_urls = [
    path("staff/", RedirectView.as_view(pattern_name="bookings:staff-day"), name="staff"),
    path("staff/day/", day.staff_day, name="staff-day"),
    path("staff/week/", week.staff_week, name="staff-week"),
    path("staff/visits/<uuid:uuid>/", day.staff_appointment, name="staff-appointment"),
    *[
        path(f"staff/visits/<uuid:uuid>/{verb}/", day.staff_appointment_step, {"verb": verb}, name=f"staff-appointment-{verb}")
        for verb in day.STEPS
    ],
    path("staff/visits/<uuid:uuid>/undo/", day.staff_appointment_undo, name="staff-appointment-undo"),
    path("staff/visits/<uuid:uuid>/reassign/", away.staff_appointment_reassign, name="staff-appointment-reassign"),
    path("staff/absences/", away.staff_absences, name="staff-absences"),
    path("staff/absences/<int:pk>/over/", away.staff_absence_lift, name="staff-absence-lift"),
    path("staff/displaced/", away.staff_displaced, name="staff-displaced"),
    path("staff/displaced/propose/", proposing.staff_displaced_propose, name="staff-displaced-propose"),
    path("staff/visits/<uuid:uuid>/propose/", proposing.staff_appointment_propose, name="staff-appointment-propose"),
    path("staff/displaced/reassign/", away.staff_displaced_all, name="staff-displaced-all"),
    path("staff/courses/<uuid:uuid>/", course.staff_course, name="staff-course"),
    path("staff/courses/<uuid:uuid>/answers/", course.staff_course_answers, name="staff-course-answers"),
    path("staff/courses/<uuid:uuid>/review/", review.staff_course_review, name="staff-course-review"),
    path("staff/courses/<uuid:uuid>/outcome/", review.staff_course_outcome, name="staff-course-outcome"),
    path("staff/courses/<uuid:uuid>/keep/", changes.staff_course_keep, name="staff-course-keep"),
    path("staff/courses/<uuid:uuid>/dates/", changes.staff_course_refill, name="staff-course-refill"),
    path("staff/courses/<uuid:uuid>/pause/", changes.staff_course_pause, name="staff-course-pause"),
    path("staff/courses/<uuid:uuid>/resume/", changes.staff_course_resume, name="staff-course-resume"),
    path("staff/courses/<uuid:uuid>/end/", changes.staff_course_end, name="staff-course-end"),
    *[
        path(f"staff/courses/<uuid:uuid>/<int:position>/{name}/", view, name=f"staff-session-{name}")
        for name, view in [
            ("move", changes.staff_session_move),
            ("leave-out", changes.staff_session_leave_out),
            ("take-up", changes.staff_session_take_up),
            ("cannot-come", changes.staff_session_cannot_come),
            ("leave-open", changes.staff_session_leave_open),
            ("confirm", proposing.staff_session_confirm),
        ]
    ],
    path("staff/courses/<uuid:uuid>/offers/<uuid:offer>/accept/", proposing.staff_offer_accept, name="staff-offer-accept"),
    path("staff/courses/<uuid:uuid>/offers/<uuid:offer>/withdraw/", proposing.staff_offer_withdraw, name="staff-offer-withdraw"),
    path("staff/why-not/", asking.staff_why_not, name="staff-why-not"),
    path("staff/review/", review.staff_review, name="staff-review"),
    path("staff/patients/", patients.staff_patients, name="staff-patients"),
    path("staff/patients/<uuid:uuid>/", patients.staff_patient, name="staff-patient"),
    path("staff/tasks/", tasks.staff_tasks, name="staff-tasks"),
    path("staff/tasks/<int:pk>/done/", tasks.staff_task_done, name="staff-task-done"),
    path("staff/questions/", staff_questions.staff_questions, name="staff-questions"),
    path("staff/questions/<int:pk>/answered/", staff_questions.staff_question_answered, name="staff-question-answered"),
]

booking_urls: list[URLPattern] = [*book_urls, *hold_urls, *course_urls, *patient_urls, *question_urls, *staff_urls]

urlpatterns = [
    path("", treatments.home, name="home"),
    path("treatments/", include((treatment_urls, "treatments"))),
    path("", include((booking_urls, "bookings"))),
]
