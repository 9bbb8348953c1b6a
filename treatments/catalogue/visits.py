"""The visits, minute by minute: who and what each stretch needs. Durations are proposals the clinic adapts.

During the numbing wait the physician is free for somebody else. A device stays taken from the needling until it has
been disinfected, the room until it is clean, although the patient has left.
"""

from decimal import Decimal

from treatments.catalogue.entries import SegmentEntry, VisitEntry
from treatments.catalogue.words import Text

CONSULTATION_PRICE = Decimal(60)

CONSULTATION = VisitEntry(
    code="consultation",
    name=Text("Consultation", "Consultation"),
    base_price=CONSULTATION_PRICE,
    charges_zones=False,
    needs_clearance=False,
    is_consultation=True,
    segments=(
        SegmentEntry(
            code="consultation",
            name=Text("Entretien et examen", "Interview and examination"),
            minutes=30,
            needs=("physician", "treatment-room"),
        ),
    ),
)


def _welcome(room: str) -> SegmentEntry:
    return SegmentEntry(
        code="welcome",
        name=Text("Accueil, questions, photos", "Welcome, questions, photographs"),
        minutes=10,
        needs=("care", room),
    )


def _goodbye(room: str, *devices: str) -> SegmentEntry:
    return SegmentEntry(
        code="aftercare", name=Text("Conseils et départ", "Advice and goodbye"), minutes=5, needs=("care", room, *devices)
    )


def _clean_up(room: str, *devices: str) -> SegmentEntry:
    return SegmentEntry(
        code="clean-up",
        name=Text("Désinfection", "Disinfection"),
        minutes=10,
        needs=("care", room, *devices),
        patient_present=False,
    )


def skin_session(device: str) -> VisitEntry:
    """Cleanse, numbing cream, microneedling, exosomes applied, massage. One hour of numbing: the leaflet's minimum."""
    room = "treatment-room"
    return VisitEntry(
        code="session",
        name=Text("Séance", "Session"),
        segments=(
            _welcome(room),
            SegmentEntry(code="cleanse", name=Text("Nettoyage", "Cleansing"), minutes=10, needs=("care", room)),
            SegmentEntry(
                code="numbing-cream",
                name=Text("Pose de la crème anesthésiante", "Numbing cream"),
                minutes=5,
                needs=("care", room),
            ),
            SegmentEntry(code="numbing-wait", name=Text("Temps de pose", "Numbing"), minutes=60, needs=(room,)),
            SegmentEntry(
                code="needling",
                name=Text("Microneedling", "Microneedling"),
                minutes=5,
                grows_with_zones=True,
                needling=True,
                needs=("physician", room, device),
            ),
            SegmentEntry(
                code="exosomes",
                name=Text("Application des exosomes et massage", "Exosomes and massage"),
                minutes=10,
                needs=("care", room, device),
            ),
            _goodbye(room, device),
            _clean_up(room, device),
        ),
    )


def hair_session() -> VisitEntry:
    """Wash, gentle exfoliation by the physician, microneedling with the exosomes, LED. No numbing."""
    room = "basin-room"
    return VisitEntry(
        code="session",
        name=Text("Séance", "Session"),
        segments=(
            _welcome(room),
            SegmentEntry(code="wash", name=Text("Lavage du cuir chevelu", "Scalp wash"), minutes=10, needs=("care", room)),
            SegmentEntry(
                code="exfoliation", name=Text("Exfoliation douce", "Gentle exfoliation"), minutes=10, needs=("physician", room)
            ),
            SegmentEntry(
                code="needling",
                name=Text("Microneedling et exosomes", "Microneedling with exosomes"),
                minutes=5,
                grows_with_zones=True,
                needling=True,
                needs=("physician", room, "dermapen"),
            ),
            SegmentEntry(code="led", name=Text("Lumière LED", "LED light"), minutes=15, needs=("care", room, "dermapen", "led")),
            _goodbye(room, "dermapen", "led"),
            _clean_up(room, "dermapen", "led"),
        ),
    )
