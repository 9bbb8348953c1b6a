"""The consultation on its own: for whoever hesitates, or cannot book a treatment online."""

from treatments.catalogue import consent, shared
from treatments.catalogue.entries import ProtocolEntry, StepEntry, TreatmentEntry
from treatments.catalogue.rhythms import CONSULTATION_PHASE
from treatments.catalogue.visits import CONSULTATION as CONSULTATION_VISIT
from treatments.catalogue.words import Text, paragraphs
from treatments.models import Category

CONSULTATION = TreatmentEntry(
    slug="consultation",
    category=Category.CONSULTATION,
    texts={
        "name": Text("Consultation", "Consultation"),
        "tagline": Text(
            "Trente minutes avec un médecin pour examiner, expliquer et décider ensemble.",
            "Thirty minutes with a physician to examine, explain and decide together.",
        ),
        "summary": Text(
            "Le médecin examine votre peau ou votre cuir chevelu, vous demande vos antécédents, vous dit ce qu'un soin peut apporter "
            "et ce qu'il ne peut pas promettre, et vous remet un devis écrit. Vous ne décidez de rien sur place.",
            "The physician examines your skin or scalp, asks about your medical history, tells you what a treatment may bring and what "
            "it cannot promise, and gives you a written quote. You need not decide anything there and then.",
        ),
        "preparation": Text(
            "Venez la peau propre, avec la liste de vos médicaments et, si vous en avez, vos comptes rendus de dermatologie.",
            "Come with clean skin, the list of your medicines and, if you have them, your dermatology reports.",
        ),
        "aftercare": Text(
            "Vous disposez d'un délai de réflexion avant la première séance. Rien n'est demandé pendant ce temps.",
            "You have time to think before the first session. Nothing is asked of you meanwhile.",
        ),
        "payment": paragraphs(
            Text(
                "La consultation se règle le jour même. Elle n'est pas remboursée lorsqu'elle est purement esthétique. Un rendez-vous "
                "annulé ou manqué n'est pas facturé.",
                "The consultation is paid on the day. It is not reimbursed when its purpose is purely aesthetic. A cancelled or missed "
                "appointment is not charged.",
            ),
            shared.EXAMPLE_PRICES,
        ),
    },
    steps=(
        StepEntry(
            drawing="",
            title=Text("Écouter", "Listening"),
            text=Text(
                "Ce que vous attendez, vos antécédents, vos traitements en cours.",
                "What you hope for, your medical history, your current treatments.",
            ),
        ),
        StepEntry(
            drawing="",
            title=Text("Examiner", "Examining"),
            text=Text(
                "La zone concernée, à la lumière et au dermatoscope si besoin.",
                "The area concerned, with a dermatoscope if needed.",
            ),
        ),
        StepEntry(
            drawing="",
            title=Text("Expliquer", "Explaining"),
            text=Text(
                "Ce qui convient, ce qui ne convient pas, ce que l'on sait et ce que l'on ignore ; puis le devis.",
                "What suits you, what does not, what is known and what is not; then the quote.",
            ),
        ),
    ),
    protocols=(
        ProtocolEntry(
            code="consultation",
            name=Text("Consultation", "Consultation"),
            consent=consent.CONSULTATION,
            visits=(CONSULTATION_VISIT,),
            phases=(CONSULTATION_PHASE,),
            bookable_online=True,
        ),
    ),
)
