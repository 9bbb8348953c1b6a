"""Every page for patients and for the team, by prefix.

The pages about treatments stand here, not in `treatments`, because each shows dates: only `bookings` knows the agenda.
They keep names of their own: `home` and `treatments:…`.
"""

from django.urls import URLPattern, include, path

from bookings.views import courses, dates, done, hold, journey, profile, questions, treatments, unheld

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
    path("courses/<uuid:uuid>/done/", done.course_done, name="course-done"),
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

booking_urls: list[URLPattern] = [*book_urls, *hold_urls, *course_urls, *patient_urls, *question_urls]

urlpatterns = [
    path("", treatments.home, name="home"),
    path("treatments/", include((treatment_urls, "treatments"))),
    path("", include((booking_urls, "bookings"))),
]
