"""The capabilities and zones the catalogue speaks of. Rules and data use the codes; the clinic may rename the rest."""

from clinic.models import Kind
from treatments.catalogue.entries import CapabilityEntry, ZoneEntry
from treatments.catalogue.words import Text

CAPABILITIES = (
    CapabilityEntry(code="physician", name=Text("Médecin", "Physician"), kind=Kind.PERSON),
    # An either/or need is one capability that both roles have: assistants and physicians can both give care.
    CapabilityEntry(code="care", name=Text("Assistante, assistant ou médecin", "Assistant or physician"), kind=Kind.PERSON),
    CapabilityEntry(code="treatment-room", name=Text("Salle de soins", "Treatment room"), kind=Kind.ROOM),
    CapabilityEntry(
        code="basin-room", name=Text("Salle de soins avec bac à shampooing", "Treatment room with a wash basin"), kind=Kind.ROOM
    ),
    CapabilityEntry(code="dermapen", name=Text("Dermapen", "Dermapen"), kind=Kind.DEVICE),
    CapabilityEntry(code="morpheus8", name=Text("Morpheus 8", "Morpheus 8"), kind=Kind.DEVICE),
    CapabilityEntry(code="led", name=Text("Panneau LED", "LED panel"), kind=Kind.DEVICE),
)

ZONES = (
    ZoneEntry(code="face", name=Text("Visage", "Face")),
    ZoneEntry(code="neck", name=Text("Cou", "Neck")),
    ZoneEntry(code="decollete", name=Text("Décolleté", "Décolleté")),
    ZoneEntry(code="hands", name=Text("Mains", "Hands")),
    ZoneEntry(code="abdomen", name=Text("Ventre", "Abdomen")),
    ZoneEntry(code="hair", name=Text("Cuir chevelu", "Scalp")),
)
