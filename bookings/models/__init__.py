from bookings.models.appointment import Appointment
from bookings.models.claim import Absence, Claim
from bookings.models.course import Clearance, Course
from bookings.models.journal import JournalEntry
from bookings.models.message import Message
from bookings.models.patient import Patient
from bookings.models.question import Question
from bookings.models.screening import AnswersReading, ScreeningAnswers
from bookings.models.states import AppointmentStatus, CourseStatus
from bookings.models.task import Task

__all__ = [
    "Absence",
    "AnswersReading",
    "Appointment",
    "AppointmentStatus",
    "Claim",
    "Clearance",
    "Course",
    "CourseStatus",
    "JournalEntry",
    "Message",
    "Patient",
    "Question",
    "ScreeningAnswers",
    "Task",
]
