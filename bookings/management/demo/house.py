"""The demo clinic: its address, hours, people, rooms, devices and log-ins."""

from datetime import date, time, timedelta

from dateutil.relativedelta import relativedelta

from clinic.models import Capability, Clinic, Kind, OpeningHours, Practitioner, Resource, Role, Shift, User
from treatments.models import Origin, Product, Treatment

HORIZON_MONTHS = 21  # so far that the booster a year after a new course is a real date, not a plan
WEEKDAYS, SATURDAY = (1, 2, 3, 4, 5), 6

# E-mail and role of the demo's log-ins; the demo shows the code on the page, so nobody needs a mailbox.
PATIENT = "patient@cadence.example"
TEAM = {
    "reception@cadence.example": (Role.RECEPTION, "Inès Moreau"),
    "physician@cadence.example": (Role.PRACTITIONER, "Claire Vasseur"),
    "assistant@cadence.example": (Role.ASSISTANT, "Louise Martin"),
    "manager@cadence.example": (Role.MANAGER, "Hélène Dubois"),
}

# Name, capabilities, weekdays on duty, hours; the first shift of a Saturday is shorter.
ASSISTANTS = (
    ("Louise Martin", (1, 2, 3, 4, 5), ("09:00", "17:00")),
    ("Amina Benali", (1, 2, 4, 5, 6), ("10:00", "19:00")),
    ("Jules Perrin", (1, 2, 3, 4, 6), ("11:00", "19:00")),
    ("Chloé Garnier", (1, 3, 4, 5, 6), ("09:00", "18:00")),
)
PHYSICIANS = (
    ("Claire Vasseur", (1, 2, 4, 5, 6), ("09:00", "18:00")),
    ("Antoine Lemaire", (1, 2, 3, 4, 5), ("10:00", "19:00")),
)
BIOGRAPHIES = {
    "Claire Vasseur": (
        "Médecin depuis 2008, diplômée de médecine esthétique. Elle reçoit en consultation et suit ses patients d’une séance à l’autre.",
        "A physician since 2008 with a degree in aesthetic medicine. She sees patients for consultations and follows them from one session to the next.",
    ),
    "Antoine Lemaire": (
        "Médecin depuis 2012, il se consacre à la peau et au cuir chevelu. Il parle français et anglais.",
        "A physician since 2012 devoted to skin and scalp. He speaks French and English.",
    ),
}
ROOMS = (
    ("Salle 1", ("treatment-room",)),
    ("Salle 2", ("treatment-room",)),
    ("Salle 3", ("treatment-room", "basin-room")),
    ("Salle 4", ("treatment-room", "basin-room")),
)
DEVICES = (
    ("Dermapen 1", "dermapen"),
    ("Dermapen 2", "dermapen"),
    ("Dermapen 3", "dermapen"),
    ("LED", "led"),
    ("Morpheus 8", "morpheus8"),
)

# Name, made from, origin, treatments: invented, and said to be so in the name.
PRODUCTS = (
    ("Exemple : sérum aux exosomes de rose de Damas", "Rose de Damas", Origin.PLANT, ("exosomes-skin",)),
    ("Exemple : sérum aux exosomes de Lactobacillus", "Lactobacillus", Origin.BACTERIAL, ("exosomes-skin",)),
    ("Exemple : lotion aux exosomes de ginseng", "Ginseng", Origin.PLANT, ("exosomes-hair",)),
)


def build(today: date) -> Clinic:
    """One clinic in Paris, open Monday to Saturday, with rosters from a year before `today` to 21 months after it."""
    opened = today - relativedelta(years=1, days=7)
    clinic = _clinic(today)
    _hours(clinic, opened)
    users = _team(clinic)
    abilities = {capability.code: capability for capability in Capability.objects.all()}
    for name, days, hours in ASSISTANTS:
        person = _person(name, [abilities["care"]])
        _roster(person, clinic, days, hours, opened)
        _profile(person, users.get(name), "", "Assistante médicale", "Medical assistant", public=False)
    for number, (name, days, hours) in enumerate(PHYSICIANS):
        person = _person(name, [abilities["physician"], abilities["care"]])
        _roster(person, clinic, days, hours, opened)
        profile = _profile(person, users.get(name), "Dr", "Médecin esthétique", "Aesthetic physician", public=True)
        profile.order_number, profile.insurer = (
            f"1000000000{number + 1}",
            "Assurance exemple, police no 0000000 (données fictives)",
        )
        profile.save()
        french, english = BIOGRAPHIES[name]
        Practitioner.objects.filter(pk=profile.pk).update(biography_fr=french, biography_en=english)
    for name, codes in ROOMS:
        Resource.objects.create(kind=Kind.ROOM, name=name, clinic=clinic).capabilities.set([abilities[code] for code in codes])
    for name, code in DEVICES:
        Resource.objects.create(kind=Kind.DEVICE, name=name, clinic=clinic).capabilities.set([abilities[code]])
    return clinic


def products() -> None:
    """What the texts call “the products used here”; applied to the skin, of plant or bacterial origin."""
    for number, (name, species, origin, slugs) in enumerate(PRODUCTS, start=1):
        product = Product(
            name=name,
            supplier="Laboratoire Exemple",
            reference=f"EXEMPLE-{number}",
            origin=origin,
            source_species=species,
            for_needled_skin=True,
        )
        product.full_clean()
        product.save()
        product.treatments.set(Treatment.objects.filter(slug__in=slugs))


def _clinic(today: date) -> Clinic:
    return Clinic.objects.create(
        name="Clinique Cadence",
        slug="paris",
        address_line="12 rue de l’Exemple",
        postal_code="75008",
        city="Paris",
        access_hint_fr="Métro Miromesnil, ascenseur jusqu’au 2e étage",
        access_hint_en="Miromesnil underground station, lift to the 2nd floor",
        phone="+33199000000",  # a number kept for fiction
        email="bonjour@cadence.example",
        horizon_months=HORIZON_MONTHS,
        roster_published_until=today + relativedelta(months=HORIZON_MONTHS),
    )


def _hours(clinic: Clinic, opened: date) -> None:
    for weekday in WEEKDAYS:
        OpeningHours.objects.create(clinic=clinic, weekday=weekday, starts=time(9), ends=time(19), valid_from=opened)
    OpeningHours.objects.create(clinic=clinic, weekday=SATURDAY, starts=time(9), ends=time(17), valid_from=opened)


def _team(clinic: Clinic) -> dict[str, User]:
    """The demo's log-ins of the team, by name."""
    return {name: User.objects.create_user(email, role=role, name=name, clinic=clinic) for email, (role, name) in TEAM.items()}


def _person(name: str, capabilities: list[Capability]) -> Resource:
    person = Resource.objects.create(kind=Kind.PERSON, name=name)
    person.capabilities.set(capabilities)
    return person


def _roster(person: Resource, clinic: Clinic, days: tuple[int, ...], hours: tuple[str, str], opened: date) -> None:
    starts, ends = (time.fromisoformat(text) for text in hours)
    for weekday in days:
        last = min(ends, time(17)) if weekday == SATURDAY else ends
        Shift.objects.create(person=person, clinic=clinic, weekday=weekday, starts=starts, ends=last, valid_from=opened)


def _profile(person: Resource, user: User | None, title: str, french: str, english: str, *, public: bool) -> Practitioner:
    return Practitioner.objects.create(
        resource=person, user=user, title=title, profession_fr=french, profession_en=english, is_public=public
    )


def closed_week(today: date) -> tuple[date, date]:
    """The Monday of the demo's next summer closure and the Monday after it."""
    august = date(today.year + (today.month > 7), 8, 10)
    monday = august - timedelta(days=august.weekday())
    return monday, monday + timedelta(days=7)
